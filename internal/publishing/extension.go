package publishing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/channel"
	"github.com/comuneprato/service-catalogue/ent/db/holidayset"
	"github.com/comuneprato/service-catalogue/ent/db/office"
	"github.com/comuneprato/service-catalogue/ent/db/place"
	"github.com/comuneprato/service-catalogue/ent/db/procedure"
	"github.com/comuneprato/service-catalogue/ent/db/profile"
	"github.com/comuneprato/service-catalogue/ent/db/service"
	"github.com/comuneprato/service-catalogue/ent/db/timetable"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// extend stores the columns and links of a draft that the write side queries or constrains, in the extension of the
// entry's kind.
func extend(ctx context.Context, tx *db.Client, e *db.Entry, doc catalogue.Document, targets []target) error {
	switch d := doc.(type) {
	case *catalogue.Service:
		return extendService(ctx, tx, e.ID, d, targets)
	case *catalogue.Office:
		return extendOffice(ctx, tx, e.ID, d, targets)
	case *catalogue.Place:
		return extendPlace(ctx, tx, e.ID, d, targets)
	case *catalogue.HolidaySet:
		return tx.HolidaySet.Create().SetID(e.ID).SetEntryID(e.ID).OnConflictColumns(holidayset.FieldID).Ignore().Exec(ctx)
	case *catalogue.Timetable:
		return extendTimetable(ctx, tx, e.ID, targets)
	case *catalogue.Channel:
		return extendChannel(ctx, tx, e.ID, d, targets)
	case *catalogue.Procedure:
		return extendProcedure(ctx, tx, e.ID, targets)
	case *catalogue.Publisher:
		return extendProfile(ctx, tx, e.ID, d)
	default:
		panic(fmt.Sprintf("no extension for a %s", doc.Kind()))
	}
}

func extendService(ctx context.Context, tx *db.Client, id uuid.UUID, d *catalogue.Service, targets []target) error {
	exists, err := tx.Service.Query().Where(service.ID(id)).Exist(ctx)
	if err != nil {
		return err
	}
	responsible := one(targets, "/responsibleOffice")
	offices, procedures := under(targets, "/offices/"), under(targets, "/procedures/")
	channels := channelsOf(targets)
	if !exists {
		return tx.Service.Create().SetID(id).SetEntryID(id).SetStatus(d.Status).SetOnline(d.AppliesOnline()).
			SetNillableResponsibleOfficeID(responsible).AddOfficeIDs(offices...).AddChannelIDs(channels...).
			AddProcedureIDs(procedures...).Exec(ctx)
	}
	update := tx.Service.UpdateOneID(id).SetStatus(d.Status).SetOnline(d.AppliesOnline()).ClearOffices().AddOfficeIDs(offices...).
		ClearChannels().AddChannelIDs(channels...).ClearProcedures().AddProcedureIDs(procedures...)
	if responsible == nil {
		update.ClearResponsibleOffice()
	} else {
		update.SetResponsibleOfficeID(*responsible)
	}
	return update.Exec(ctx)
}

func extendTimetable(ctx context.Context, tx *db.Client, id uuid.UUID, targets []target) error {
	sets := under(targets, "/ownHolidaySets/")
	exists, err := tx.Timetable.Query().Where(timetable.ID(id)).Exist(ctx)
	if err != nil {
		return err
	}
	if !exists {
		return tx.Timetable.Create().SetID(id).SetEntryID(id).AddHolidaySetIDs(sets...).Exec(ctx)
	}
	return tx.Timetable.UpdateOneID(id).ClearHolidaySets().AddHolidaySetIDs(sets...).Exec(ctx)
}

func extendChannel(ctx context.Context, tx *db.Client, id uuid.UUID, d *catalogue.Channel, targets []target) error {
	return tx.Channel.Create().SetID(id).SetEntryID(id).SetChannelType(d.Type).SetNillableTimetableID(one(targets, "/timetable")).
		OnConflictColumns(channel.FieldID).Update(func(u *db.ChannelUpsert) {
		u.UpdateChannelType().UpdateTimetableID()
	}).Exec(ctx)
}

func extendProcedure(ctx context.Context, tx *db.Client, id uuid.UUID, targets []target) error {
	return tx.Procedure.Create().SetID(id).SetEntryID(id).SetNillableResponsibleOfficeID(one(targets, "/responsibleOffice")).
		OnConflictColumns(procedure.FieldID).Update(func(u *db.ProcedureUpsert) { u.UpdateResponsibleOfficeID() }).Exec(ctx)
}

func extendOffice(ctx context.Context, tx *db.Client, id uuid.UUID, d *catalogue.Office, targets []target) error {
	exists, err := tx.Office.Query().Where(office.ID(id)).Exist(ctx)
	if err != nil {
		return err
	}
	parent := one(targets, "/parent")
	openBy := one(targets, "/timetable")
	places := under(targets, "/places/")
	if !exists {
		return tx.Office.Create().SetID(id).SetEntryID(id).SetOfficeType(d.Type).SetNillableParentID(parent).
			SetNillableTimetableID(openBy).AddPlaceIDs(places...).Exec(ctx)
	}
	update := tx.Office.UpdateOneID(id).SetOfficeType(d.Type).ClearPlaces().AddPlaceIDs(places...)
	if parent == nil {
		update.ClearParent()
	} else {
		update.SetParentID(*parent)
	}
	if openBy == nil {
		update.ClearTimetable()
	} else {
		update.SetTimetableID(*openBy)
	}
	return update.Exec(ctx)
}

// whereabouts is the city and the point of a place, as they stand in columns: "" and nil where they are not known.
func whereabouts(d *catalogue.Place) (city string, lat, lon *float64) {
	if d.Address != nil {
		city = d.Address.City
	}
	if d.Point != nil {
		lat, lon = d.Point.Lat, d.Point.Lon
	}
	return city, lat, lon
}

func extendPlace(ctx context.Context, tx *db.Client, id uuid.UUID, d *catalogue.Place, targets []target) error {
	exists, err := tx.Place.Query().Where(place.ID(id)).Exist(ctx)
	if err != nil {
		return err
	}
	city, lat, lon := whereabouts(d)
	openBy := one(targets, "/timetable")
	if !exists {
		return tx.Place.Create().SetID(id).SetEntryID(id).SetCity(city).SetDistrict(d.District).
			SetNillableLat(lat).SetNillableLon(lon).SetNillableTimetableID(openBy).Exec(ctx)
	}
	update := tx.Place.UpdateOneID(id).SetCity(city).SetDistrict(d.District)
	if d.Point == nil {
		update.ClearLat().ClearLon()
	} else {
		update.SetNillableLat(lat).SetNillableLon(lon)
	}
	if openBy == nil {
		update.ClearTimetable()
	} else {
		update.SetTimetableID(*openBy)
	}
	return update.Exec(ctx)
}

func extendProfile(ctx context.Context, tx *db.Client, id uuid.UUID, d *catalogue.Publisher) error {
	return tx.Profile.Create().SetID(id).SetEntryID(id).SetOrganisationType(d.Type).SetIpaCode(d.IPACode).SetTaxCode(d.TaxCode).
		OnConflictColumns(profile.FieldID).UpdateNewValues().Exec(ctx)
}

// one is the entry that the reference at a place leads to, nil if there is none.
func one(targets []target, at catalogue.Pointer) *uuid.UUID {
	for _, t := range targets {
		if t.Pointer == at {
			return &t.id
		}
	}
	return nil
}

// under lists the entries that the references of a list lead to.
func under(targets []target, list string) []uuid.UUID {
	var ids []uuid.UUID
	for _, t := range targets {
		if strings.HasPrefix(string(t.Pointer), list) {
			ids = append(ids, t.id)
		}
	}
	return ids
}

// channelsOf lists the channels that the references of a document lead to, each once.
func channelsOf(targets []target) []uuid.UUID {
	var ids []uuid.UUID
	for _, t := range targets {
		if t.To.Kind == catalogue.KindChannel && !slices.Contains(ids, t.id) {
			ids = append(ids, t.id)
		}
	}
	return ids
}
