package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Office is an organisational unit that people deal with (cov:Office; Modello Comuni, tipologia Unità organizzativa).
type Office struct {
	Head
	Type              string      `json:"type,omitempty" extensions:"x-vocabulary=office-types"`
	Status            string      `json:"status,omitempty" extensions:"x-vocabulary=service-status"`
	StatusReason      lang.Text   `json:"statusReason,omitempty" validate:"text=1000"`
	Competences       lang.Text   `json:"competences,omitempty" validate:"text=20000"` // what it does; CommonMark
	Parent            string      `json:"parent,omitempty" extensions:"x-reference=office,x-acyclic"`
	Organisation      string      `json:"organisation,omitempty" extensions:"x-reference=publisher"`                        // that it belongs to, where it is not the publisher
	Places            []string    `json:"places,omitempty" validate:"max=50,unique" extensions:"x-reference=place,x-embed"` // the main one first
	Timetable         string      `json:"timetable,omitempty" extensions:"x-reference=timetable"`                           // when it is open, where that is not as at its places
	HoursText         lang.Text   `json:"hoursText,omitempty" validate:"text=2000"`                                         // opening hours as the publisher says them
	BookingURL        string      `json:"bookingUrl,omitempty" validate:"omitempty,link" format:"uri"`
	DeliveryLanguages []string    `json:"deliveryLanguages,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=languages"`
	Responsible       lang.Text   `json:"responsible,omitempty" validate:"text=255"`                                         // who heads it, by role or by name
	PoliticalLead     lang.Text   `json:"politicalLead,omitempty" validate:"text=255"`                                       // assessore di riferimento
	Staff             []lang.Text `json:"staff,omitempty" validate:"max=200,dive,text=255"`                                  // people by role; names only where they must be public
	ServedAreas       []lang.Text `json:"servedAreas,omitempty" validate:"max=50,dive,text=255"`                             // whom it serves, where that is not everybody
	HelpTypes         []string    `json:"helpTypes,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=help-types"` // of a point of digital help
	OfficeCode        string      `json:"officeCode,omitempty" validate:"max=30" example:"UFTNBJ"`                           // codice univoco ufficio of the IPA register
	AOOCode           string      `json:"aooCode,omitempty" validate:"max=30"`                                               // area organizzativa omogenea of the IPA register
}

// Kind is KindOffice.
func (*Office) Kind() Kind { return KindOffice }
