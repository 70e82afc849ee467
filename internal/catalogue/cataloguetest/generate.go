package cataloguetest

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Generate draws a random document that may be stored as a draft: what the tags of the document types allow, and no
// more. A new field is drawn without a change here; one with a new sort of tag makes Generate panic.
func Generate(t *rapid.T, kind catalogue.Kind) catalogue.Document {
	doc := reflect.New(reflect.TypeOf(Sample(kind)).Elem())
	fill(t, doc.Elem())
	return doc.Interface().(catalogue.Document)
}

var chance = rapid.IntRange(0, 3)

// fill draws the fields of a struct, then mends what only rules over several fields forbid.
func fill(t *rapid.T, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			fill(t, v.Field(i))
			continue
		}
		tag := parseTag(field)
		if tag.required || tag.list.least > 0 || chance.Draw(t, field.Name+"?") == 0 {
			v.Field(i).Set(value(t, field.Type, tag, field.Name))
		}
	}
	mend(t, v.Addr().Interface())
}

// bounds are what a validate tag says of a list, or of the string or text in it.
type bounds struct{ least, most int }

type fieldTag struct {
	list, value      bounds
	required, unique bool
	format           string // "", or what the string must be: link, date, …
	oneOf            []string
	scheme           string
	reference        bool
	low, high        float64
}

func parseTag(field reflect.StructField) fieldTag {
	tag := fieldTag{list: bounds{0, 1000}, value: bounds{0, 1000}}
	isList, inElements := field.Type.Kind() == reflect.Slice, false
	for rule := range strings.SplitSeq(field.Tag.Get("validate"), ",") {
		name, parameter, _ := strings.Cut(rule, "=")
		n, _ := strconv.Atoi(parameter)
		of := &tag.value
		if isList && !inElements {
			of = &tag.list
		}
		switch name {
		case "", "omitempty":
		case "required":
			tag.required = true
		case "unique":
			tag.unique = true
		case "dive":
			inElements = true
		case "min":
			of.least, tag.low = n, float64(n)
		case "max":
			of.most, tag.high = n, float64(n)
		case "text":
			tag.value.most = n
		case "oneof":
			tag.oneOf = strings.Fields(parameter)
		case "link", "date", "moment", "period", "amount", "sha256", "cig", "slug", "iso4217", "iso3166_1_alpha2":
			tag.format = name
		default:
			panic(fmt.Sprintf("cannot draw a %s with the rule %q", field.Name, rule))
		}
	}
	for extension := range strings.SplitSeq(field.Tag.Get("extensions"), ",") {
		switch name, parameter, _ := strings.Cut(extension, "="); name {
		case "x-vocabulary":
			tag.scheme = parameter
		case "x-reference":
			tag.reference = true
		}
	}
	return tag
}

func value(t *rapid.T, of reflect.Type, tag fieldTag, name string) reflect.Value {
	if of == reflect.TypeFor[lang.Text]() {
		return reflect.ValueOf(Text(t, tag.value.most, name))
	}
	v := reflect.New(of).Elem()
	switch of.Kind() {
	case reflect.Pointer:
		v.Set(value(t, of.Elem(), tag, name).Addr())
	case reflect.Struct:
		fill(t, v)
	case reflect.Slice:
		n := rapid.IntRange(max(1, tag.list.least), min(3, tag.list.most)).Draw(t, name+" length")
		seen := map[any]bool{}
		for range n {
			element := value(t, of.Elem(), tag, name)
			if tag.unique {
				if seen[element.Interface()] {
					continue
				}
				seen[element.Interface()] = true
			}
			v = reflect.Append(v, element)
		}
	case reflect.String:
		v.SetString(str(t, tag, name))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, name))
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(int(tag.low), int(tag.high)).Draw(t, name)))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(tag.low, tag.high).Draw(t, name))
	default:
		panic(fmt.Sprintf("cannot draw a %v for %s", of, name))
	}
	return v
}

// characters are those that JSON, HTML or a reader's eye treat in ways of their own, and a few that none does.
var characters = []rune("abcXYZ019 .,;:-_/\\\"'<>&%{}[]=+*#@|~^$()!?àèìòùÀÉß“”«»…€\u00a0\u2028\u2029\u200f\u0301中文اردو😀\U0010ffff")

// str draws a string that the field may hold.
func str(t *rapid.T, tag fieldTag, name string) string {
	switch {
	case tag.scheme != "":
		terms := vocabulary.MustGet(tag.scheme).Terms
		return terms[rapid.IntRange(0, len(terms)-1).Draw(t, name)].Code
	case tag.reference:
		return sampled(t, name, "prato-comune/prato-comune", OfficeRef.String(), PlaceRef.String(), "publiacqua/A.b_c~9", "x/y")
	case len(tag.oneOf) > 0:
		return sampled(t, name, tag.oneOf...)
	}
	switch tag.format {
	case "link":
		return sampled(t, name, "https://example.org", "http://www.example.org/a?b=c&d='e'#f", "https://x.example.org:8443/è/%20")
	case "date":
		return rapid.Custom(date).Draw(t, name)
	case "moment":
		return rapid.Custom(moment).Draw(t, name)
	case "sha256":
		return sampled(t, name, strings.Repeat("0f", 32))
	case "cig":
		return sampled(t, name, "Z123456789")
	case "period":
		return sampled(t, name, "P30D", "P2W", "P1Y6M", "PT48H", "P1DT12H30M")
	case "amount":
		return sampled(t, name, "0", "0.5", "22.21", "999999999.99")
	case "slug":
		return sampled(t, name, "a", "carta-d-identita", "1-2-3")
	case "iso4217":
		return sampled(t, name, "EUR", "CHF")
	case "iso3166_1_alpha2":
		return sampled(t, name, "IT", "CN")
	}
	return words(t, characters, tag.value.most, name)
}

func sampled(t *rapid.T, name string, of ...string) string {
	return rapid.SampledFrom(of).Draw(t, name)
}

func date(t *rapid.T) string {
	return Epoch.AddDate(0, 0, rapid.IntRange(-9000, 9000).Draw(t, "day")).Format(time.DateOnly)
}

// moment draws a day or, more seldom, an instant.
func moment(t *rapid.T) string {
	day := date(t)
	if chance.Draw(t, "instant?") > 0 {
		return day
	}
	return day + "T10:30:00Z"
}

// Text draws a text of at most that many characters in each language: in Italian, and now and then in others.
func Text(t *rapid.T, most int, name string) lang.Text {
	lines := append([]rune("\n\t\r"), characters...)
	text := lang.Of(words(t, lines, most, name))
	for range rapid.IntRange(0, 2).Draw(t, name+" languages") {
		text[rapid.SampledFrom(lang.Tags).Draw(t, name+" language")] = words(t, lines, most, name)
	}
	return text
}

// words draws a string that is not blank: 1 to 12 characters, and now and then as many as there may be.
func words(t *rapid.T, of []rune, most int, name string) string {
	if chance.Draw(t, name+" long?") == 3 && chance.Draw(t, name+" longest?") == 3 {
		return strings.Repeat("è", most)
	}
	return "p" + rapid.StringOfN(rapid.SampledFrom(of), 0, min(most, 12)-1, -1).Draw(t, name)
}

// mend makes a struct obey the rules over several of its fields.
func mend(t *rapid.T, v any) {
	switch v := v.(type) {
	case *catalogue.ContactEntry:
		v.Value = contactValue(t, v.Type)
	case *catalogue.Cost:
		mendCost(v)
	case *catalogue.Advantage:
		v.Currency = "EUR"
		if v.AmountMax != "" {
			v.Amount = "0"
		}
	case *catalogue.Deadline:
		inOrder(&v.From, &v.To)
		if v.From != "" || v.To != "" {
			v.Offset = ""
		}
		v.Yearly = v.Yearly && v.To != ""
	case *catalogue.Notice:
		if inOrder(&v.From, &v.To); v.From == v.To { // an instant, perhaps
			v.To = ""
		}
	case *catalogue.Attachment:
		inOrder(&v.ValidFrom, &v.ValidTo)
	case *catalogue.Capacity:
		inOrder(&v.From, &v.To)
	case *catalogue.Concession:
		inOrder(&v.From, &v.To)
	case *catalogue.Participation:
		if v.Organisation == "" && v.Office == "" {
			v.Office = OfficeRef.String()
		} else if v.Organisation != "" {
			v.Office = ""
		}
		inOrder(&v.From, &v.To)
	case *catalogue.Access:
		v.RequiresSignature = v.RequiresSignature || v.Signatures > 0
	case *catalogue.Point:
		if *v.Lat > 0 { // else it could be a point in Italy the wrong way round
			*v.Lat, *v.Lon = 43.88, 11.09
		}
	case *catalogue.Requirement:
		v.Code, v.Evidence = "", nil
	case *catalogue.Connection:
		if v.Inline != nil {
			v.Channel = ""
		} else if v.Channel == "" {
			v.Channel = ChannelRef.String()
		}
		evidenceCodes(t, v.Requirements, v.Evidence)
	case *catalogue.Procedure:
		evidenceCodes(t, nil, v.Evidence)
	case *catalogue.HolidaySet:
		for i := range v.Days {
			v.Days[i].Day = sampled(t, "day", "09-08", "easter+1", "2026-09-08")
			v.Days[i].Until = max(v.Days[i].Since, v.Days[i].Until)
		}
	case *catalogue.Service:
		if v.NotOffered != nil && v.Status == catalogue.StatusActive {
			v.Status = "inactive"
		}
		inOrder(&v.ValidFrom, &v.ValidTo)
		if v.MinAge != nil && v.MaxAge != nil && *v.MaxAge < *v.MinAge {
			v.MinAge, v.MaxAge = v.MaxAge, v.MinAge
		}
		evidenceCodes(t, v.Requirements, v.Evidence)
		for i := range v.Connections {
			if c := &v.Connections[i]; len(c.Evidence) == 0 { // the service's holds
				evidenceCodes(t, c.Requirements, v.Evidence)
			}
		}
	case *hours.Period:
		inOrder(&v.ValidFrom, &v.ValidTo)
		if v.Season != nil {
			*v.Season = hours.Season{From: sampled(t, "from", "01-01", "06-15"), To: sampled(t, "to", "02-29", "12-31")}
			v.ValidTo = "" // every season has a day some time
		}
		for i := range v.Slots {
			v.Slots[i].Opens, v.Slots[i].Closes = slotTimes(t, i)
		}
	case *hours.Exception:
		if v.Closed = v.Closed && len(v.Slots) == 0; v.Closed {
			v.State = ""
		} else if len(v.Slots) == 0 && v.State == "" {
			v.State = "phone_only"
		}
		v.Adds = v.Adds && len(v.Slots) > 0
		daySlots(t, v.Slots)
	case *hours.Spec:
		timetable(t, v)
	case *catalogue.Timetable:
		if len(v.OwnHolidaySets) > 0 && v.HolidayPolicy == "" {
			v.HolidayPolicy = hours.PolicyClosed
		}
	}
}

func mendCost(v *catalogue.Cost) {
	if v.AmountMax != "" && !v.Free {
		v.Amount = "0"
	}
	if v.Free {
		v.Amount, v.AmountMax, v.Percentage = "", "", ""
	}
	if v.Amount != "" {
		v.Currency = "EUR"
	}
	switch v.Type {
	case "free", "fixed", "from_to", "percentage":
		v.Type = ""
	case "":
	default:
		v.Free = false
	}
	inOrder(&v.ValidFrom, &v.ValidTo)
}

// evidenceCodes numbers evidence, and makes requirements name it.
func evidenceCodes(t *rapid.T, requirements []catalogue.Requirement, evidence []catalogue.Evidence) {
	for i := range evidence {
		if evidence[i].Code != "" {
			evidence[i].Code = "e" + strconv.Itoa(i)
		}
	}
	for i := range requirements {
		requirements[i].Evidence = nil
		if chance.Draw(t, "coded") == 0 {
			requirements[i].Code = strconv.Itoa(i)
		}
		if len(evidence) > 0 && evidence[0].Code != "" {
			requirements[i].Evidence = []string{evidence[0].Code}
		}
	}
}

// timetable makes periods and exceptions that do not compete.
func timetable(t *rapid.T, v *hours.Spec) {
	v.AlwaysOpen = v.AlwaysOpen && len(v.Periods) == 0
	for i := range v.Periods {
		v.Periods[i].Order = i
	}
	v.HolidayPolicy = ""
	if len(v.HolidaySets) > 0 {
		v.HolidaySets = []string{hours.SetNational, hours.SetPatron}[:min(2, len(v.HolidaySets))]
		v.HolidayPolicy = sampled(t, "policy", hours.PolicyClosed, hours.PolicyAsUsual, hours.PolicySlots)
	}
	switch {
	case v.HolidayPolicy != hours.PolicySlots:
		v.HolidaySlots = nil
	case len(v.HolidaySlots) == 0:
		v.HolidaySlots = make([]hours.DaySlot, 1)
	}
	daySlots(t, v.HolidaySlots)
	for i := range v.Exceptions {
		v.Exceptions[i].From, v.Exceptions[i].To = fmt.Sprintf("2026-%02d-01", i+1), ""
		if rapid.Bool().Draw(t, "several days") {
			v.Exceptions[i].To = fmt.Sprintf("2026-%02d-28", i+1)
		}
	}
}

func daySlots(t *rapid.T, slots []hours.DaySlot) {
	for i := range slots {
		slots[i].Opens, slots[i].Closes = slotTimes(t, i)
	}
}

// slotTimes draws the times of slots that do not overlap, the third past midnight.
func slotTimes(t *rapid.T, i int) (opens, closes string) {
	return fmt.Sprintf("%02d:%s", 8+6*i, sampled(t, "opens", "00", "30")), fmt.Sprintf("%02d:00", (11+6*i)%24)
}

func contactValue(t *rapid.T, kind string) string {
	switch kind {
	case "phone", "freephone", "mobile", "fax", "sms", "whatsapp":
		return sampled(t, "number", "112", "+39 0574 1836096", "(0574) 183-60.96")
	case "email", "pec":
		return sampled(t, "address", "a@example.org", "anagrafe.uno+cie@posta.example.org")
	case "website", "contact_form", "booking_page":
		return sampled(t, "page", "https://example.org", "http://example.org/a")
	default:
		return words(t, characters, 500, "value")
	}
}

func inOrder(from, to *string) {
	if *to != "" && *to < *from {
		*from, *to = *to, *from
	}
}
