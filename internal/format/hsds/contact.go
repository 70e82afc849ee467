package hsds

import (
	"slices"
	"strconv"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// phoneTypes says which ways of contact are numbers, and of which type HSDS takes them to be.
var phoneTypes = map[string]string{"phone": "voice", "freephone": "voice", "mobile": "cell", "fax": "fax", "sms": "text", "whatsapp": "text"}

// mailTypes are the ways of contact that are addresses of mail, the one that everybody can write to first.
var mailTypes = []string{"email", "pec"}

var (
	contactTypes    = vocabulary.MustGet("contact-types")
	contactPurposes = vocabulary.MustGet("contact-purposes")
)

// contacts tells the contacts of an entry, of an office by its name. A contact of HSDS has one address of mail, so each
// further one is a contact more.
func (w Writer) contacts(e *catalogue.Entry) []Contact {
	var all []Contact
	department := ""
	if e.Ref.Kind == catalogue.KindOffice {
		department = w.say(e.Label)
	}
	for i, c := range e.Document.Common().Contacts {
		at := catalogue.Pointer("/contacts").Index(i)
		name := w.say(c.Label)
		if term, ok := contactPurposes.Term(c.Purpose); ok && name == "" {
			name = w.say(term.Label)
		}
		told := Contact{ID: partID(e.ID, at).String(), Name: name, Department: department, Phones: w.contactPhones(e, at, c)}
		for j, entry := range c.Entries {
			address := email(entry.Value)
			switch {
			case !slices.Contains(mailTypes, entry.Type) || address == "":
			case told.Email == "":
				told.Email = address
			default:
				all = append(all, Contact{ID: partID(e.ID, at.Field("entries").Index(j)).String(), Name: name, Department: department, Email: address})
			}
		}
		if told.Email != "" || len(told.Phones) > 0 {
			all = append(all, told)
		}
	}
	return all
}

// phones tells all numbers of an entry.
func (w Writer) phones(e *catalogue.Entry) []Phone {
	var all []Phone
	for i, c := range e.Document.Common().Contacts {
		all = append(all, w.contactPhones(e, catalogue.Pointer("/contacts").Index(i), c)...)
	}
	return all
}

// contactPhones tells the numbers of the contact at a place.
func (w Writer) contactPhones(e *catalogue.Entry, at catalogue.Pointer, c catalogue.Contact) []Phone {
	var all []Phone
	for i, entry := range c.Entries {
		numberType, isNumber := phoneTypes[entry.Type]
		if !isNumber {
			continue
		}
		at := at.Field("entries").Index(i)
		told := Phone{
			ID: partID(e.ID, at).String(), Number: entry.Value, Type: numberType,
			Languages: w.languages(e.ID, at.Field("languages"), entry.Languages),
		}
		kind, extension := "", entry.Extension
		if n, err := strconv.Atoi(extension); err == nil && strconv.Itoa(n) == extension {
			told.Extension, extension = &n, ""
		}
		if term, ok := contactTypes.Term(entry.Type); ok && entry.Type != "phone" {
			kind = w.say(term.Label)
		}
		told.Description = joined(". ", kind, w.say(c.Label), extension, w.say(entry.Note), w.say(entry.CostNote), w.say(c.HoursText))
		all = append(all, told)
	}
	return all
}

// mailOf is the first address that everybody can write to, or else the first one of certified mail.
func mailOf(doc catalogue.Document) string {
	for _, wanted := range mailTypes {
		for _, c := range doc.Common().Contacts {
			for _, entry := range c.Entries {
				if address := email(entry.Value); entry.Type == wanted && address != "" {
					return address
				}
			}
		}
	}
	return ""
}
