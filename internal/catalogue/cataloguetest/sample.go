// Package cataloguetest makes documents for tests: complete samples of every kind that refer to each other, entries and
// a Resolver over them, and random documents. Nothing here is for the program itself.
package cataloguetest

import (
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Names by which the samples refer to each other.
var (
	PublisherRef = catalogue.Ref{Kind: catalogue.KindPublisher, Publisher: "prato-comune", Key: "prato-comune"}
	TimetableRef = catalogue.Ref{Kind: catalogue.KindTimetable, Publisher: "prato-comune", Key: "orari-sportelli"}
	PlaceRef     = catalogue.Ref{Kind: catalogue.KindPlace, Publisher: "prato-comune", Key: "palazzo-comunale"}
	OfficeRef    = catalogue.Ref{Kind: catalogue.KindOffice, Publisher: "prato-comune", Key: "anagrafe"}
	ServiceRef   = catalogue.Ref{Kind: catalogue.KindService, Publisher: "prato-comune", Key: "carta-identita"}
)

// Names that the samples refer to and that are no samples themselves: in Entries, ParentRef is public, WithdrawnRef
// was, and MissingRef does not exist.
var (
	ParentRef    = catalogue.Ref{Kind: catalogue.KindOffice, Publisher: "prato-comune", Key: "servizi-demografici"}
	WithdrawnRef = catalogue.Ref{Kind: catalogue.KindService, Publisher: "prato-comune", Key: "carta-identita-cartacea"}
	MissingRef   = catalogue.Ref{Kind: catalogue.KindService, Publisher: "prato-comune", Key: "codice-fiscale"}
)

// Sample returns the complete sample document of a kind.
func Sample(kind catalogue.Kind) catalogue.Document {
	switch kind {
	case catalogue.KindPublisher:
		return Publisher()
	case catalogue.KindTimetable:
		return Timetable()
	case catalogue.KindPlace:
		return Place()
	case catalogue.KindOffice:
		return Office()
	case catalogue.KindService:
		return Service()
	default:
		panic("no sample of kind " + string(kind))
	}
}

// Publisher returns a profile that uses every field and meets every level.
func Publisher() *catalogue.Publisher {
	return &catalogue.Publisher{
		Head: catalogue.Head{
			Slug:              "comune-di-prato",
			Title:             text("Comune di Prato", "Municipality of Prato"),
			AlternativeTitles: []lang.Text{lang.Of("Municipio di Prato")},
			Summary:           text("L'amministrazione della città di Prato.", "The administration of the city of Prato."),
			Description:       lang.Of("Il Comune di Prato serve quasi **200.000** abitanti."),
			Keywords:          []lang.Text{text("municipio", "town hall")},
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
		},
		LegalName:       "Comune di Prato",
		Acronym:         "COPRA",
		Type:            "municipality",
		IPACode:         "c_g999",
		TaxCode:         "84006890481",
		VATNumber:       "00337360978",
		PublicShare:     "100",
		PublicShareAsOf: "2025-12-31",
		Sectors:         []string{"84"},
		Website:         "https://www.comune.prato.it/",
		Address:         address(),
		Places:          []string{PlaceRef.String()},
	}
}

// Timetable returns a timetable that uses every field but alwaysOpen, which cannot stand beside periods, and meets every
// level.
func Timetable() *catalogue.Timetable {
	workdays := []string{"monday", "tuesday", "wednesday", "thursday", "friday"}
	return &catalogue.Timetable{
		Head: catalogue.Head{
			Slug:              "orari-degli-sportelli",
			Title:             text("Orari degli sportelli", "Opening hours of the counters"),
			AlternativeTitles: []lang.Text{lang.Of("Orari di ricevimento")},
			Summary:           text("Quando si riceve al Palazzo comunale.", "When people are seen in the town hall."),
			Description:       lang.Of("Nei mesi estivi **solo la mattina**."),
			Keywords:          []lang.Text{lang.Of("apertura")},
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
		},
		Spec: hours.Spec{
			Periods: []hours.Period{
				{
					Label: text("Tutto l'anno", "All year round"),
					Slots: []hours.Slot{
						{Weekdays: workdays, Opens: "09:00", Closes: "13:00"},
						{Weekdays: []string{"tuesday", "thursday"}, Opens: "15:00", Closes: "17:00", State: "by_appointment", Note: text("Al primo piano", "On the first floor")},
					},
				},
				{
					Label: text("Estate", "Summer"), ValidFrom: "2026-01-01", ValidTo: "2030-12-31",
					Season: &hours.Season{From: "06-15", To: "09-15"}, Order: 1,
					Slots: []hours.Slot{{Weekdays: workdays, Opens: "08:30", Closes: "12:30"}},
				},
			},
			HolidaySets:   []string{hours.SetNational, hours.SetPatron},
			HolidayPolicy: hours.PolicySlots,
			HolidaySlots:  []hours.DaySlot{{Opens: "10:00", Closes: "12:00", State: "phone_only", Note: text("Solo urgenze", "Emergencies only")}},
			Exceptions: []hours.Exception{
				{From: "2026-08-14", To: "2026-08-16", Closed: true, Reason: text("Chiusura estiva", "Summer closure")},
				{From: "2026-09-08", Adds: true, State: "with_reservation", Slots: []hours.DaySlot{
					{Opens: "16:00", Closes: "18:00"},
					{Opens: "18:00", Closes: "19:00", State: "phone_only", Note: lang.Of("Per chi non può venire.")},
				}},
			},
			BookingURL: "https://prenota.example.org/sportelli",
			Note:       text("Si entra fino a un quarto d'ora prima.", "Last entry a quarter of an hour before."),
		},
	}
}

// Place returns a place that uses every field and meets every level.
func Place() *catalogue.Place {
	lat, lon := 43.8807, 11.0966
	return &catalogue.Place{
		Head: catalogue.Head{
			Slug:              "palazzo-comunale",
			Title:             text("Palazzo comunale", "Town hall"),
			AlternativeTitles: []lang.Text{lang.Of("Palazzo Pretorio nuovo")},
			Summary:           text("La sede del Comune, nella piazza del Comune.", "The seat of the municipality."),
			Description:       lang.Of("Un palazzo del **Trecento**."),
			Keywords:          []lang.Text{lang.Of("municipio")},
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
		},
		Type:     "town_hall",
		Address:  address(),
		Point:    &catalogue.Point{Lat: &lat, Lon: &lon},
		District: "Centro",
		Access:   text("Dalla stazione, dieci minuti a piedi.", "Ten minutes on foot from the station."),
		Accessibility: []catalogue.Accessibility{
			{Feature: "wheelchair_access", Available: "yes", Note: lang.Of("Dall'ingresso laterale.")},
			{Feature: "lift", Available: "no"},
		},
		Timetable: TimetableRef.String(),
		HoursText: text("Lunedì-venerdì 9-13", "Monday to Friday, 9 am to 1 pm"),
	}
}

// Office returns an office that uses every field and meets every level.
func Office() *catalogue.Office {
	return &catalogue.Office{
		Head: catalogue.Head{
			Slug:              "anagrafe",
			Title:             text("Ufficio anagrafe", "Registry office"),
			AlternativeTitles: []lang.Text{lang.Of("Anagrafe centrale")},
			Summary:           text("Residenza, certificati e carta d'identità.", "Residence, certificates and identity cards."),
			Description:       lang.Of("Si riceve **su appuntamento**."),
			Keywords:          []lang.Text{lang.Of("certificati")},
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
		},
		Type:              "registry_office",
		Status:            "temporarily_closed",
		StatusReason:      text("Chiuso per lavori.", "Closed for building works."),
		Competences:       lang.Of("Tiene l'anagrafe della popolazione residente."),
		Parent:            ParentRef.String(),
		Organisation:      PublisherRef.String(),
		Places:            []string{PlaceRef.String()},
		Timetable:         TimetableRef.String(),
		HoursText:         text("Lunedì-venerdì 9-13", "Monday to Friday, 9 am to 1 pm"),
		BookingURL:        "https://prenota.example.org/anagrafe",
		DeliveryLanguages: []string{"ITA", "ENG"},
		OfficeCode:        "UFTNBJ",
		AOOCode:           "A1B2C3D",
	}
}

// Service returns a service that uses every field and meets every level. Some of its texts are in Italian alone.
func Service() *catalogue.Service {
	return &catalogue.Service{
		Head: catalogue.Head{
			Slug:              "carta-d-identita",
			Title:             text("Carta d'identità elettronica", "Electronic identity card"),
			AlternativeTitles: []lang.Text{text("Documento d'identità", "Identity document"), lang.Of("Rinnovo della carta")},
			Summary:           text("Come chiedere e rinnovare la carta d'identità.", "How to get and renew an identity card."),
			Description:       lang.Of("La carta vale **dieci anni** per i maggiorenni.\n\n- con impronte\n- con PIN"),
			Keywords:          []lang.Text{text("documenti", "papers"), lang.Of("espatrio")},
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
		},
		Acronyms:       []string{"CIE"},
		Status:         "temporarily_closed",
		StatusReason:   text("Sistema nazionale in manutenzione.", "The national system is being maintained."),
		Categories:     []string{"6"},
		Topics:         []string{"anagrafe"},
		Sectors:        []string{"84"},
		LifeEvents:     []string{"11"},
		BusinessEvents: []string{"3"},
		Interactivity:  "LEVEL 3",
		Audiences:      []string{"citizen", "resident"},
		AudienceText:   text("Ai cittadini residenti.", "For citizens who are residents."),
		WhoCanApply:    lang.Of("Il titolare; per i minori, i genitori."),
		HowTo:          text("1. Prenotare\n2. Presentarsi", "1. Book\n2. Come in person"),
		NeededText:     lang.Of("Allo sportello servono:"),
		Evidence: []catalogue.Evidence{{
			Title: text("Una foto recente", "A recent photograph"), Description: lang.Of("Di meno di sei mesi."),
			Type: "ADMINDOC", URL: "https://www.example.org/foto.pdf",
		}},
		OutcomeText: lang.Of("La carta, per posta."),
		Outputs: []catalogue.Output{{
			Title: text("Carta d'identità", "Identity card"), Description: lang.Of("Con PIN e PUK."), Type: "IDDEC",
		}},
		TimingText: lang.Of("Entro sei giorni lavorativi."),
		Deadlines: []catalogue.Deadline{{
			Title: text("Carte cartacee", "Paper cards"), From: "2026-01-01", To: "2026-08-03",
		}},
		ProcessingTime: &catalogue.ProcessingTime{
			Max: "P6D", Typical: "P4D", Days: "working", Text: text("Sei giorni lavorativi", "Six working days"),
		},
		CostsText: lang.Of("Si paga allo sportello."),
		Costs: []catalogue.Cost{
			{
				Label: text("Primo rilascio", "First issue"), Amount: "22.21", Currency: "EUR", Note: lang.Of("Diritti compresi."),
				PaymentMethods: []string{"pagopa", "card_at_counter"}, ValidFrom: "2026-01-01", ValidTo: "2026-12-31",
			},
			{Label: text("Per furto", "After a theft"), Free: true},
		},
		Connections:       connections(),
		Conditions:        []catalogue.DocumentLink{documentLink("service_conditions")},
		Restrictions:      lang.Of("Una sola carta valida a persona."),
		SpecialCases:      lang.Of("Gli iscritti AIRE si rivolgono all'ambasciata."),
		FurtherInfo:       lang.Of("Vedere il sito del Ministero."),
		Areas:             []lang.Text{text("Comune di Prato", "Municipality of Prato")},
		DeliveryLanguages: []string{"ITA"},
		ResponsibleOffice: OfficeRef.String(),
		Offices:           []string{OfficeRef.String(), ParentRef.String()},
		Participations: []catalogue.Participation{{
			Organisation: PublisherRef.String(), Role: "competent_authority", ProvisionType: "self_provided",
			From: "2018-01-01", To: "2030-12-31",
		}},
		LegalBasis: []catalogue.LegalReference{{
			Title: lang.Of("D.L. 78/2015"), Type: "decree_law", Date: "2015-06-19",
			URL: "https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:decreto.legge:2015-06-19;78",
		}},
		Documents:        []catalogue.DocumentLink{documentLink("form")},
		RelatedServices:  []string{WithdrawnRef.String()},
		RequiredServices: []string{MissingRef.String()},
		ValidFrom:        "2018-01-01",
		ValidTo:          "2030-12-31",
	}
}

func connections() []catalogue.Connection {
	return []catalogue.Connection{
		{
			Inline: &catalogue.Channel{
				Type: "02.2", Title: text("Prenota online", "Book online"), Description: lang.Of("Con SPID o CIE."),
				URL: "https://servizi.example.org/cie", BookingURL: "https://prenota.example.org/cie",
				Contacts: contacts(), Identities: []string{"2FA"}, Platforms: []string{"spid", "cie"},
				DeliveryLanguages: []string{"ITA", "ENG"}, Timetable: TimetableRef.String(), HoursText: lang.Of("Sempre"),
			},
		},
		{
			Inline: &catalogue.Channel{
				Type: "01.1.1", Title: text("Sportello", "Counter"),
				Offices: []string{OfficeRef.String()}, Places: []string{PlaceRef.String()},
			},
			DigitalAlternative: text("La prenotazione è online.", "Booking is online."),
			NoDigitalReason:    lang.Of("Le impronte si prendono di persona."),
		},
	}
}

func contacts() []catalogue.Contact {
	return []catalogue.Contact{{
		Label: text("Centralino", "Switchboard"), Purpose: "information",
		Entries: []catalogue.ContactEntry{
			{Type: "phone", Value: "+39 0574 1836096", Note: text("La mattina", "In the morning"), Languages: []string{"ITA"}},
			{Type: "email", Value: "anagrafe@example.org"},
		},
	}}
}

func links() []catalogue.Link {
	return []catalogue.Link{{URL: "https://www.example.org/pagina?a=1&b=2", Title: text("La pagina", "The page")}}
}

func origins() []catalogue.Origin {
	return []catalogue.Origin{{
		Source: "www.comune.prato.it", Key: "archivio6_0_19", URL: "https://www.comune.prato.it/it/servizi/19.html",
		SeenAt: "2026-02-01", AsOf: "2018",
	}}
}

func address() *catalogue.Address {
	return &catalogue.Address{
		Street: "Piazza del Comune", Number: "2", PostalCode: "59100", City: "Prato", Province: "PO", Country: "IT",
	}
}

func documentLink(kind string) catalogue.DocumentLink {
	return catalogue.DocumentLink{
		Title: text("Modulo & istruzioni", "Form & instructions"), Type: kind, URL: "https://www.example.org/modulo.pdf",
		Format: "application/pdf", Language: "ITA",
	}
}

func text(italian, english string) lang.Text {
	return lang.Text{lang.Italian: italian, lang.English: english}
}

// Epoch is when the entry number 1 of NewEntry became public; each later number, a day after the one before.
var Epoch = time.Date(2026, 1, 10, 8, 30, 0, 123456000, time.UTC)

// Entries finds entries by name. It is a catalogue.Resolver.
type Entries map[catalogue.Ref]*catalogue.Entry

// Resolve returns the entry of that name, nil if there is none.
func (e Entries) Resolve(ref catalogue.Ref) *catalogue.Entry { return e[ref] }

// NewEntries makes published entries of the samples and of what they refer to.
func NewEntries() Entries {
	entries := Entries{
		PublisherRef: NewEntry(PublisherRef, Publisher(), 1),
		TimetableRef: NewEntry(TimetableRef, Timetable(), 0),
		PlaceRef:     NewEntry(PlaceRef, Place(), 2),
		OfficeRef:    NewEntry(OfficeRef, Office(), 3),
		ServiceRef:   NewEntry(ServiceRef, Service(), 4),
		ParentRef: NewEntry(ParentRef, &catalogue.Office{Head: catalogue.Head{
			Slug: "servizi-demografici", Title: lang.Of("Servizi demografici"),
		}}, 5),
		WithdrawnRef: NewEntry(WithdrawnRef, &catalogue.Service{Head: catalogue.Head{
			Slug: "carta-cartacea", Title: text("Carta d'identità cartacea", "Paper identity card"),
		}}, 6),
	}
	entries[WithdrawnRef].Document = nil
	return entries
}

// NewEntry makes the published entry number n, whose id and instants tell the number.
func NewEntry(ref catalogue.Ref, doc catalogue.Document, n int) *catalogue.Entry {
	published := Epoch.AddDate(0, 0, n-1)
	e := catalogue.NewEntry(catalogue.Entry{
		ID: uuid.UUID{6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}, Ref: ref, Slug: doc.Common().Slug, Revision: n,
		PublishedAt: published, UpdatedAt: published.Add(time.Hour),
	}, doc)
	return &e
}
