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
	PublisherRef  = catalogue.Ref{Kind: catalogue.KindPublisher, Publisher: "prato-comune", Key: "prato-comune"}
	HolidaySetRef = catalogue.Ref{Kind: catalogue.KindHolidaySet, Publisher: "prato-comune", Key: "chiusure"}
	TimetableRef  = catalogue.Ref{Kind: catalogue.KindTimetable, Publisher: "prato-comune", Key: "orari-sportelli"}
	PlaceRef      = catalogue.Ref{Kind: catalogue.KindPlace, Publisher: "prato-comune", Key: "palazzo-comunale"}
	OfficeRef     = catalogue.Ref{Kind: catalogue.KindOffice, Publisher: "prato-comune", Key: "anagrafe"}
	ChannelRef    = catalogue.Ref{Kind: catalogue.KindChannel, Publisher: "prato-comune", Key: "sportello-online"}
	ProcedureRef  = catalogue.Ref{Kind: catalogue.KindProcedure, Publisher: "prato-comune", Key: "rilascio-carta"}
	ServiceRef    = catalogue.Ref{Kind: catalogue.KindService, Publisher: "prato-comune", Key: "carta-identita"}
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
	case catalogue.KindHolidaySet:
		return HolidaySet()
	case catalogue.KindTimetable:
		return Timetable()
	case catalogue.KindPlace:
		return Place()
	case catalogue.KindOffice:
		return Office()
	case catalogue.KindChannel:
		return Channel()
	case catalogue.KindProcedure:
		return Procedure()
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
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
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
		Areas:           []lang.Text{text("Comune di Prato", "Municipality of Prato")},
		Logo:            image(),
		Attribution:     lang.Of("Fonte: Comune di Prato"),
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
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
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
			BookingURL: "https://prenota.comune.prato.it/sportelli",
			Note:       text("Si entra fino a un quarto d'ora prima.", "Last entry a quarter of an hour before."),
		},
		OwnHolidaySets: []string{HolidaySetRef.String()},
	}
}

// HolidaySet returns a holiday set that uses every field and meets every level.
func HolidaySet() *catalogue.HolidaySet {
	return &catalogue.HolidaySet{
		Head: catalogue.Head{
			Slug:              "chiusure-comunali",
			Title:             text("Chiusure comunali", "Days on which the municipality is closed"),
			AlternativeTitles: []lang.Text{lang.Of("Ponti")},
			Summary:           text("I giorni in cui gli uffici sono chiusi.", "The days on which the offices are closed."),
			Description:       lang.Of("Decisi **ogni anno**."),
			Keywords:          []lang.Text{lang.Of("ponte")},
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
		},
		Days: []hours.Holiday{
			{Name: text("Fiera di settembre", "September fair"), Day: "09-08", Since: 2020, Until: 2035},
			{Name: lang.Of("Ponte di San Giovanni"), Day: "2026-06-23"},
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
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
		},
		Type:     "town_hall",
		Address:  address(),
		Point:    &catalogue.Point{Lat: &lat, Lon: &lon},
		District: "Centro",
		Image:    image(),
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
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
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
		BookingURL:        "https://prenota.comune.prato.it/anagrafe",
		DeliveryLanguages: []string{"ITA", "ENG"},
		Responsible:       text("La dirigente dei servizi demografici", "The head of the registry services"),
		PoliticalLead:     lang.Of("Assessora ai servizi demografici"),
		Staff:             []lang.Text{lang.Of("Due funzionarie")},
		ServedAreas:       []lang.Text{text("Prato centro", "Central Prato")},
		HelpTypes:         []string{"digital_identity_help"},
		OfficeCode:        "UFTNBJ",
		AOOCode:           "A1B2C3D",
	}
}

// Channel returns a channel that uses every field and meets every level.
func Channel() *catalogue.Channel {
	return &catalogue.Channel{
		Head: catalogue.Head{
			Slug:              "sportello-online",
			Title:             text("Sportello online", "Online counter"),
			AlternativeTitles: []lang.Text{lang.Of("Servizi online")},
			Summary:           text("Le pratiche del Comune, da casa.", "The municipality's services, from home."),
			Description:       lang.Of("Si entra con **SPID o CIE**."),
			Keywords:          []lang.Text{lang.Of("portale")},
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
		},
		Access: access(),
	}
}

func access() catalogue.Access {
	return catalogue.Access{
		Type: "02.2", Owner: PublisherRef.String(), AccessURL: "https://servizi.comune.prato.it/cie", BookingURL: "https://prenota.comune.prato.it/cie",
		Offices: []string{OfficeRef.String()}, Places: []string{PlaceRef.String()}, Identities: []string{"2FA"},
		Platforms:         []catalogue.PlatformUse{{Platform: "spid"}, {Platform: "app_io", Use: "planned"}},
		RequiresSignature: true, Signatures: 2,
		Accessibility:     conformance(),
		DeliveryLanguages: []string{"ITA", "ENG"}, Timetable: TimetableRef.String(), HoursText: text("Sempre", "Always"),
	}
}

func conformance() *catalogue.Conformance {
	return &catalogue.Conformance{Conformance: "partial", Level: "AA", StatementURL: "https://form.comune.prato.it/dichiarazione"}
}

// Procedure returns a procedure that uses every field and meets every level.
func Procedure() *catalogue.Procedure {
	yes, no := true, false
	return &catalogue.Procedure{
		Head: catalogue.Head{
			Slug:              "rilascio-della-carta",
			Title:             text("Rilascio della carta d'identità", "Issue of the identity card"),
			AlternativeTitles: []lang.Text{lang.Of("Emissione della carta")},
			Summary:           text("Come il Comune rilascia la carta.", "How the municipality issues the card."),
			Description:       lang.Of("Dalla richiesta **alla consegna**."),
			Keywords:          []lang.Text{lang.Of("emissione")},
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
		},
		Status:             "temporarily_closed",
		StatusReason:       lang.Of("Sistema nazionale in manutenzione."),
		Initiative:         "application",
		LegalBasis:         []catalogue.LegalReference{legalReference()},
		ResponsibleOffice:  OfficeRef.String(),
		ResponsiblePerson:  lang.Of("Chi dirige l'anagrafe"),
		DecidingOffice:     ParentRef.String(),
		DecidingPerson:     lang.Of("La dirigente"),
		Evidence:           []catalogue.Evidence{evidence()},
		Forms:              []catalogue.Attachment{attachment("form")},
		InformationOffices: []string{OfficeRef.String()},
		InformationText:    text("Per telefono o allo sportello.", "By telephone or at the counter."),
		TrackingURL:        "https://servizi.comune.prato.it/pratiche",
		Term:               processingTime("P30D"),
		OtherTerms:         []catalogue.Deadline{deadline()},
		TacitConsent:       &no,
		DeclarationInLieu:  &yes,
		IfNoReply:          lang.Of("Si può chiedere l'intervento del sostituto."),
		Remedies:           text("Ricorso al TAR entro 60 giorni.", "Appeal to the administrative court within 60 days."),
		OnlineURL:          "https://servizi.comune.prato.it/cie",
		OnlineFrom:         "2026-03-01",
		PaymentText:        lang.Of("Con pagoPA o allo sportello."),
		Costs:              costs(),
		SubstitutePower: &catalogue.SubstitutePower{
			Holder: lang.Of("Il segretario generale"), Office: ParentRef.String(), HowTo: lang.Of("Con una PEC."), Contacts: contacts(),
		},
		OutcomeSurvey: &catalogue.OutcomeSurvey{Text: lang.Of("Nove su dieci soddisfatti."), URL: "https://www.comune.prato.it/indagine", Date: "2025-12-01"},
		Outputs:       []catalogue.Output{output()},
		Steps: []catalogue.Step{
			{
				Title: text("Richiesta", "Application"), Text: lang.Of("Con una **foto**."), Actor: "applicant", Channel: ChannelRef.String(),
				Input: lang.Of("La foto"), Output: lang.Of("La ricevuta"), Duration: "P1D", Days: "working", URL: "https://servizi.comune.prato.it/cie",
			},
			{Title: lang.Of("Stampa"), Actor: "office", Office: OfficeRef.String()},
		},
		Documents: []catalogue.Attachment{attachment("guide")},
	}
}

// Service returns a service that uses every field and meets every level. Some of its texts are in Italian alone.
func Service() *catalogue.Service {
	minAge, maxAge, places := 0, 99, 0
	return &catalogue.Service{
		Head: catalogue.Head{
			Slug:              "carta-d-identita",
			Title:             text("Carta d'identità elettronica", "Electronic identity card"),
			AlternativeTitles: []lang.Text{text("Documento d'identità", "Identity document"), lang.Of("Rinnovo della carta")},
			Summary:           text("Come chiedere e rinnovare la carta d'identità.", "How to get and renew an identity card."),
			Description:       lang.Of("La carta vale **dieci anni** per i maggiorenni.\n\n- con impronte\n- con PIN"),
			Keywords:          []lang.Text{text("documenti", "papers"), lang.Of("espatrio")},
			Notices:           notices(),
			Contacts:          contacts(),
			Links:             links(),
			Origins:           origins(),
			Licence:           "A.2.1",
			RightsNote:        lang.Of("Solo fatti."),
			HeldBack:          []string{"de"},
		},
		Subtitle:        text("Il documento che serve anche per entrare nei servizi online", "The document that also opens online services"),
		Acronyms:        []string{"CIE"},
		Code:            "S19",
		OtherCodes:      []string{"archivio6_0_19"},
		Type:            "certificate",
		Flow:            "permits_documents",
		Template:        "developers.italia.it/carta-identita",
		TemplateVersion: "2024-03",
		NotOffered: &catalogue.NotOffered{
			Reason: lang.Of("Il passaporto lo rilascia la questura."), OfferedBy: PublisherRef.String(), SeeService: WithdrawnRef.String(),
			SeeURL: "https://www.passaportonline.poliziadistato.it/",
		},
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
		MinAge:         &minAge,
		MaxAge:         &maxAge,
		Requirements:   []catalogue.Requirement{requirement()},
		HowTo:          text("1. Prenotare\n2. Presentarsi", "1. Book\n2. Come in person"),
		NeededText:     lang.Of("Allo sportello servono:"),
		Evidence:       []catalogue.Evidence{evidence()},
		OutcomeText:    lang.Of("La carta, per posta."),
		Outputs:        []catalogue.Output{output()},

		OutcomeProcedures:  lang.Of("Con la carta si attiva l'identità digitale."),
		TimingText:         lang.Of("Entro sei giorni lavorativi."),
		Deadlines:          []catalogue.Deadline{deadline(), yearly(), offset()},
		ProcessingTime:     processingTime("P6D"),
		AdministrativeTerm: processingTime("P30D"),
		IfNoReply:          lang.Of("Chiedere all'ufficio."),
		CostsText:          lang.Of("Si paga allo sportello."),
		Costs:              costs(),
		FinancialAdvantage: &catalogue.Advantage{
			Type: "discount", Description: lang.Of("Sconto sul primo rilascio."), Amount: "5.00", AmountMax: "10.00", Currency: "EUR",
		},
		Vouchers:          []catalogue.Voucher{{Title: lang.Of("Buono documenti"), Description: lang.Of("Per chi ha ISEE basso."), URL: "https://www.comune.prato.it/buono"}},
		Connections:       connections(),
		Conditions:        []catalogue.Attachment{attachment("service_conditions")},
		Restrictions:      lang.Of("Una sola carta valida a persona."),
		SpecialCases:      lang.Of("Gli iscritti AIRE si rivolgono all'ambasciata."),
		FurtherInfo:       lang.Of("Vedere il sito del Ministero."),
		Appeal:            text("Ricorso al prefetto.", "Appeal to the prefect."),
		PlainTexts:        plainTexts(),
		Areas:             []lang.Text{text("Comune di Prato", "Municipality of Prato")},
		DeliveryLanguages: []string{"ITA"},
		Capacity: &catalogue.Capacity{
			Available: &places, Total: 60, Unit: lang.Of("appuntamenti"), From: "2026-01-01", To: "2026-01-31", UpdatedAt: "2026-01-19",
		},
		ResponsibleOffice: OfficeRef.String(),
		Offices:           []string{OfficeRef.String(), ParentRef.String()},
		Participations: []catalogue.Participation{
			{
				Organisation: PublisherRef.String(), Role: "competent_authority", ProvisionType: "self_provided",
				From: "2018-01-01", To: "2030-12-31",
			},
			{Office: OfficeRef.String(), Role: "provider"},
		},
		Concessions: []catalogue.Concession{{
			Authority: PublisherRef.String(), Operator: PublisherRef.String(), Reference: "Rep. 1234", CIG: "Z123456789",
			From: "2020-01-01", To: "2029-12-31", URL: "https://www.comune.prato.it/contratto",
		}},
		Procedures:       []string{ProcedureRef.String()},
		LegalBasis:       []catalogue.LegalReference{legalReference()},
		Rules:            []catalogue.Rule{{Title: lang.Of("Regolamento anagrafico"), Description: lang.Of("Come si tiene l'anagrafe."), URL: "https://www.comune.prato.it/regolamento", Implements: []catalogue.LegalReference{legalReference()}}},
		Documents:        []catalogue.Attachment{attachment("form")},
		RelatedServices:  []string{WithdrawnRef.String()},
		RequiredServices: []string{MissingRef.String()},
		FollowedBy:       []string{WithdrawnRef.String()},
		PartOf:           []string{MissingRef.String()},
		Replaces:         []string{WithdrawnRef.String()},
		ValidFrom:        "2018-01-01",
		ValidTo:          "2030-12-31",
	}
}

// connections are an online counter that all share, with what differs on it, a web page, and a counter.
func connections() []catalogue.Connection {
	free := []catalogue.Cost{{Label: text("Online", "Online"), Free: true}}
	return []catalogue.Connection{
		{Inline: &catalogue.Inline{Title: text("Domanda online", "Online application"), Access: access()}},
		{
			Inline: &catalogue.Inline{
				Title: text("Sportello", "Counter"), Description: lang.Of("Al **piano terra**."), Contacts: contacts(),
				Access: catalogue.Access{Type: "01.1.1", Offices: []string{OfficeRef.String()}, Places: []string{PlaceRef.String()}},
			},
			DigitalAlternative: text("La prenotazione è online.", "Booking is online."),
			NoDigitalReason:    lang.Of("Le impronte si prendono di persona."),
		},
		{
			Channel: ChannelRef.String(), HowTo: text("Si compila il modulo.", "Fill in the form."), WhoCanApply: lang.Of("Solo il titolare."),
			Requirements: []catalogue.Requirement{requirement()}, NeededText: lang.Of("Online basta la foto."),
			Evidence: []catalogue.Evidence{evidence()}, ProcessingTime: processingTime("P3D"), CostsText: lang.Of("Online non si paga."), Costs: free,
			Contacts: contacts(), Offices: []string{OfficeRef.String()}, BookingURL: "https://prenota.comune.prato.it/foto",
			Timetable: TimetableRef.String(), HoursText: lang.Of("Di giorno"), DeliveryLanguages: []string{"ITA"}, Accessibility: conformance(),
			SkillsNeeded: []string{"digital_identity_help"}, AssistedBy: []string{OfficeRef.String()}, OperatorNote: "Codice 42 nel gestionale.",
		},
	}
}

func notices() []catalogue.Notice {
	return []catalogue.Notice{{
		Title: text("Sciopero", "Strike"), Text: text("Possibili attese.", "You may have to wait."), Severity: "warning",
		From: "2026-01-15", To: "2026-02-15T12:00:00Z", Alternatives: lang.Of("Prenotare online."), URL: "https://www.comune.prato.it/sciopero",
	}}
}

func image() *catalogue.Image {
	return &catalogue.Image{URL: "https://www.comune.prato.it/immagine.jpg", Alt: text("La facciata", "The front"), Credits: "Comune di Prato, CC BY 4.0"}
}

func requirement() catalogue.Requirement {
	return catalogue.Requirement{
		Code: "residenza", Title: text("Residenza a Prato", "Residence in Prato"), Description: lang.Of("O dimora abituale."), Type: "residence",
		Question: text("Risiedi a Prato?", "Do you live in Prato?"), ExpectedAnswer: "yes", Evidence: []string{"foto"},
	}
}

func evidence() catalogue.Evidence {
	return catalogue.Evidence{
		Code: "foto", Title: text("Una foto recente", "A recent photograph"), Description: lang.Of("Di meno di sei mesi."),
		Type: "ADMINDOC", URL: "https://www.comune.prato.it/foto.pdf", SelfCertifiable: true, HeldBy: lang.Of("Ministero dell'Interno"),
		Validity: "P6M", Languages: []string{"ITA"},
	}
}

func output() catalogue.Output {
	return catalogue.Output{
		Title: text("Carta d'identità", "Identity card"), Description: lang.Of("Con PIN e PUK."), Type: "IDDEC", Sort: "physical_object",
		Validity: "P10Y", Delivery: []string{"registered_post"},
	}
}

func deadline() catalogue.Deadline {
	return catalogue.Deadline{
		Title: text("Carte cartacee", "Paper cards"), Description: lang.Of("Poi non valgono più."), From: "2026-01-01", To: "2026-08-03",
	}
}

func yearly() catalogue.Deadline {
	return catalogue.Deadline{Title: lang.Of("Bando"), From: "2024-03-01", To: "2024-03-31", Yearly: true}
}

func offset() catalogue.Deadline {
	return catalogue.Deadline{
		Title: text("Denuncia di furto", "Report of a theft"), Offset: "P2D", Days: "working", StartsFrom: text("dal furto", "from the theft"),
	}
}

func processingTime(most string) *catalogue.ProcessingTime {
	return &catalogue.ProcessingTime{
		Max: most, Typical: "P2D", Days: "working", StartsFrom: lang.Of("dalla richiesta"), Text: text("Entro il termine", "Within the term"),
	}
}

func costs() []catalogue.Cost {
	act := legalReference()
	return []catalogue.Cost{
		{
			Label: text("Primo rilascio", "First issue"), Type: "administrative_fee", Amount: "22.21", AmountMax: "27.21", Currency: "EUR",
			Note: lang.Of("Diritti compresi."), Exemptions: lang.Of("Chi ha subito un furto."), Audiences: []string{"resident"},
			PaymentMethods: []string{"pagopa", "card_at_counter"}, DefinedBy: PublisherRef.String(), DefinedIn: &act,
			ValidFrom: "2026-01-01", ValidTo: "2026-12-31",
		},
		{Label: text("Per furto", "After a theft"), Free: true},
		{Label: lang.Of("Diritti"), Percentage: "2.5", PercentageOf: lang.Of("del valore")},
	}
}

func legalReference() catalogue.LegalReference {
	return catalogue.LegalReference{
		Title: lang.Of("D.L. 78/2015"), Type: "decree_law", Date: "2015-06-19",
		URL: "https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:decreto.legge:2015-06-19;78",
	}
}

func plainTexts() *catalogue.PlainTexts {
	return &catalogue.PlainTexts{
		Summary: lang.Of("Il tuo documento."), Description: lang.Of("Vale dieci anni."), AudienceText: lang.Of("Per chi vive a Prato."),
		HowTo: lang.Of("Prenota e vieni."), NeededText: lang.Of("Porta una foto."), OutcomeText: lang.Of("La carta arriva a casa."),
		TimingText: lang.Of("Sei giorni."), CostsText: lang.Of("Poco più di venti euro."),
	}
}

func contacts() []catalogue.Contact {
	return []catalogue.Contact{{
		Label: text("Centralino", "Switchboard"), Purpose: "information", Timetable: TimetableRef.String(), HoursText: lang.Of("La mattina"),
		Entries: []catalogue.ContactEntry{
			{Type: "phone", Value: "+39 0574 1836096", Extension: "12", CostNote: lang.Of("Come una chiamata urbana"), Note: text("La mattina", "In the morning"), Languages: []string{"ITA"}},
			{Type: "email", Value: "anagrafe@comune.prato.it"},
		},
	}}
}

func links() []catalogue.Link {
	return []catalogue.Link{{URL: "https://www.comune.prato.it/pagina?a=1&b=2", Title: text("La pagina", "The page")}}
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

func attachment(kind string) catalogue.Attachment {
	return catalogue.Attachment{
		Title: text("Modulo & istruzioni", "Form & instructions"), Description: lang.Of("Da riempire."), Type: kind,
		Identifier: "MOD-19", Protocol: "2026/0012345", Version: "2.1", Licence: "A.2.1", ResponsibleOffice: OfficeRef.String(),
		ValidFrom: "2026-01-01", ValidTo: "2026-12-31",
		Files: []catalogue.File{{
			URL: "https://www.comune.prato.it/modulo.pdf", Format: "application/pdf", Language: "ITA", Size: 183204,
			Checksum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		}},
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
		PublisherRef:  NewEntry(PublisherRef, Publisher(), 1),
		HolidaySetRef: NewEntry(HolidaySetRef, HolidaySet(), -3),
		ChannelRef:    NewEntry(ChannelRef, Channel(), -1),
		ProcedureRef:  NewEntry(ProcedureRef, Procedure(), -2),
		PlaceRef:      NewEntry(PlaceRef, Place(), 2),
		OfficeRef:     NewEntry(OfficeRef, Office(), 3),
		ServiceRef:    NewEntry(ServiceRef, Service(), 4),
		ParentRef: NewEntry(ParentRef, &catalogue.Office{Head: catalogue.Head{
			Slug: "servizi-demografici", Title: lang.Of("Servizi demografici"),
		}}, 5),
		WithdrawnRef: NewEntry(WithdrawnRef, &catalogue.Service{Head: catalogue.Head{
			Slug: "carta-cartacea", Title: text("Carta d'identità cartacea", "Paper identity card"),
		}}, 6),
	}
	entries[WithdrawnRef].Document = nil
	entries[TimetableRef] = NewEntryAmong(entries, TimetableRef, Timetable(), 0)
	return entries
}

// NewEntry makes the published entry number n, whose id and instants tell the number. What it refers to does not exist.
func NewEntry(ref catalogue.Ref, doc catalogue.Document, n int) *catalogue.Entry {
	return NewEntryAmong(Entries{}, ref, doc, n)
}

// NewEntryAmong is NewEntry where others exist.
func NewEntryAmong(others Entries, ref catalogue.Ref, doc catalogue.Document, n int) *catalogue.Entry {
	published := Epoch.AddDate(0, 0, n-1)
	e := catalogue.NewEntry(catalogue.Entry{
		ID: uuid.UUID{6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}, Ref: ref, Slug: doc.Common().Slug, Revision: max(n, 1),
		PublishedAt: published, UpdatedAt: published.Add(time.Hour), ReviewedAt: published.Add(time.Hour),
	}, doc, others)
	return &e
}
