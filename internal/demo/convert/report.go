package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// How a field of the source was treated.
const (
	mapped       = "mapped"       // as it is
	restructured = "restructured" // the same in another shape
	classified   = "classified"   // a term that was chosen by hand for it
	dropped      = "dropped"
	translated   = "translated (ours)" // put into English and Chinese by us
)

// mapping says where a field of the source went.
type mapping struct{ from, how, to, remark string }

// mappings has a line for every field that the source has, and no other; convert fails otherwise.
//

var mappings = []mapping{
	{"meta.title", dropped, "", "describes the file"},
	{"meta.language", dropped, "", "describes the file"},
	{"meta.generated_on", dropped, "", "the day the file was written, not the day a page was read, so no /origins/*/seenAt"},
	{"meta.schema_version", dropped, "", "describes the file"},
	{"meta.documentation", dropped, "", "describes the file"},
	{"meta.counts.services", dropped, "", "describes the file"},
	{"meta.counts.organizations", dropped, "", "describes the file"},
	{"meta.counts.offices", dropped, "", "describes the file"},
	{"meta.counts.places", dropped, "", "describes the file"},

	{"services[].source_id", mapped, "key of the row", ""},
	{"services[].record_type", restructured, "kind of the row", ""},
	{"services[].title", mapped, "/title/it", ""},
	{"services[].title_origin", dropped, "", "how the file came by the title; readers cannot use it, no field holds it"},
	{"services[].alternative_titles[]", mapped, "/alternativeTitles/*/it", "acronyms also in /acronyms, chosen by hand"},
	{"services[].category", dropped, "", "the file's own code for category_label"},
	{"services[].category_label", mapped, "/keywords/0/it", "the file's own theme, no term of a vocabulary: words to be found by"},
	{"services[].official_category", classified, "/categories/*", "the term with this label comes with others where several fit; /topics, /sectors, /audiences, /lifeEvents, /businessEvents and /interactivity are chosen by hand"},
	{"services[].language", restructured, "the language tag of every text", ""},
	{"services[].status", restructured, "/status, /statusReason", "published: active; historical: inactive, with the reason \"scheda storica\""},
	{"services[].valid_as_of", mapped, "/origins/0/asOf", ""},
	{"services[].provider_organization_id", restructured, "publisher of the row; /participations/1/organisation", "role provider; self_provided where it is the owner too"},
	{"services[].owner_organization_id", restructured, "/participations/0/organisation", "role competent_authority of public bodies, rights_holder of companies and third-sector bodies"},
	{"services[].short_description", mapped, "/summary/it", "of several sentences: /description/it, and the first one /summary/it"},
	{"services[].audience[]", restructured, "/audienceText/it", "CommonMark list; one item: a paragraph; /audiences is chosen by hand; conditions that all must meet are /requirements, and ages /minAge and /maxAge, read by hand (" + factsFile + ")"},
	{"services[].how_to[]", restructured, "/howTo/it; /steps of the procedure that /procedures names", "numbered CommonMark list; one item: a paragraph; who takes a step is judged by hand (" + proceduresFile + ")"},
	{"services[].needed[]", mapped, "/evidence/*/title/it", "/type by how it is called; /validity and /selfCertifiable where the words say so"},
	{"services[].outcome", mapped, "/outcomeText/it", "/outputs where it says how long something is good for, /financialAdvantage where it is money; of procedures always /outputs"},
	{"services[].costs[].label", mapped, "/costs/*/label/it", "/type, /paymentMethods, /percentage, /exemptions where label or note say so; no record says that a cost is of one way only; the costs of a connection (ztl-residenti) are the service's with the method of payment that goes with the way"},
	{"services[].costs[].amount", restructured, "/costs/*/amount", "two decimals; 0: /costs/*/free; of a range: /costs/*/amountMax, with the least from the note"},
	{"services[].costs[].currency", mapped, "/costs/*/currency", "not of what is free"},
	{"services[].costs[].note", mapped, "/costs/*/note/it", ""},
	{"services[].deadlines[]", mapped, "/deadlines/*/title/it", "capital letter first; a sentence that says two things is two; /from and /to where it gives whole dates, /offset and /startsFrom where it names what comes before, read by hand; terms before something (\"20 giorni prima\") and days without a year stay words"},
	{"services[].processing_time", mapped, "/processingTime/text/it", "/max, /typical, /days and /startsFrom where the sentence gives one duration, read by hand; /administrativeTerm and /ifNoReply where it binds the administration; /connections/*/processingTime where it names the ways"},
	{"services[].channels[].type", classified, "/connections/*/inline/type", "online channels by hand; in_person 01.1.1, phone 03, sms 05, email 04.2, pec 04.1, post 01.2.1, fax 03.3, kiosk 05.2; /identities and /platforms where the words name them"},
	{"services[].channels[].value", restructured, "/connections/*/inline/contacts/0/entries/0/value", "of phone, sms, email, pec, fax and postal addresses; other values are /title/it, over 60 characters /description/it, capital letter first; what three services of a publisher share is a row of kind channel that /connections/*/channel names (" + channelsFile + ")"},
	{"services[].channels[].url", mapped, "/connections/*/inline/accessUrl", "also /onlineUrl of procedures"},
	{"services[].channels[].note", mapped, "/connections/*/inline/contacts/0/entries/0/note/it", "without a value: /connections/*/inline/description/it; of a shared channel: /connections/*/hoursText/it"},
	{"services[].office_ids[]", mapped, "/offices/*", "the first that does more than take requests is /responsibleOffice; all are /connections/*/inline/offices of counters, of post and of e-mail and PEC without an address"},
	{"services[].legal_references[]", mapped, "/legalBasis/*/title/it", "/type by how the act is cited, /date where the citation has one"},
	{"services[].notes", mapped, "/furtherInfo/it", ""},
	{"services[].text_origin", restructured, "/rightsNote", "said by the licence note: facts only, prose not copied (restated_facts), or MIT (verbatim_open_license)"},
	{"services[].source.type", restructured, "the shape of /origins/0", ""},
	{"services[].source.site_kind", restructured, "/origins/0/source", "\"(notizia)\" or \"(guida di terzi)\" after the host; nothing after an official site"},
	{"services[].source.url", mapped, "/origins/0/url", "its host is /origins/0/source"},
	{"services[].source.repo", mapped, "/origins/0/source", ""},
	{"services[].source.path", restructured, "/origins/0/key", "path#key@commit"},
	{"services[].source.key", restructured, "/origins/0/key", "path#key@commit"},
	{"services[].source.commit", restructured, "/origins/0/key", "path#key@commit"},
	{"services[].additional_sources[]", mapped, "/origins/*/url", ""},
	{"services[].license", mapped, "/rightsNote/en", "/rightsNote/it is our translation; no /licence: the vocabulary of licences has no term for MIT nor for facts only"},

	{"organizations[].source_id", mapped, "key of the row", "ipa-… : the code of the register is /ipaCode too"},
	{"organizations[].record_type", restructured, "kind of the row (publisher)", ""},
	{"organizations[].name", mapped, "/title/it", "as in the register; of a merged record that differs: /alternativeTitles"},
	{"organizations[].kind", classified, "/type", "by kind, a few by hand; /sectors by kind or by hand"},
	{"organizations[].sector", mapped, "/keywords/0/it", "/sectors is chosen by hand"},
	{"organizations[].description", mapped, "/summary/it", ""},
	{"organizations[].address", restructured, "/address", "street, number, postal code, city, province"},
	{"organizations[].phones[].number", mapped, "/contacts/*/entries/*/value", "800…: freephone"},
	{"organizations[].phones[].note", mapped, "/contacts/*/entries/*/note/it", "a few also say /contacts/*/purpose"},
	{"organizations[].emails[]", mapped, "/contacts/*/entries/*/value", ""},
	{"organizations[].pec", mapped, "/contacts/*/entries/*/value", ""},
	{"organizations[].website", mapped, "/website", "http:// put before where the register has no scheme"},
	{"organizations[].tax_code", mapped, "/taxCode", ""},
	{"organizations[].same_as[]", restructured, "/ipaCode", "the record of the register is merged into this one"},
	{"organizations[].source.type", restructured, "the shape of /origins/*", ""},
	{"organizations[].source.site_kind", restructured, "/origins/0/source", "as of services"},
	{"organizations[].source.url", mapped, "/origins/0/url", ""},
	{"organizations[].source.repo", mapped, "/origins/*/source", ""},
	{"organizations[].source.path", restructured, "/origins/*/key", "path#key@commit"},
	{"organizations[].source.key", restructured, "/origins/*/key", "path#key@commit"},
	{"organizations[].source.commit", restructured, "/origins/*/key", "path#key@commit"},
	{"organizations[].license", mapped, "/rightsNote/en", "as of services"},

	{"offices[].source_id", mapped, "key of the row", "with \"-sede\" the key of the place made of its address, with \"-orari\" that of its timetable but for orari-sportelli (prato-urp)"},
	{"offices[].record_type", restructured, "kind of the row", ""},
	{"offices[].name", mapped, "/title/it", "/type is chosen by hand; the title of its timetable is ours, of these words"},
	{"offices[].organization_id", restructured, "publisher of the row", "all are bodies that publish, so no /organisation"},
	{"offices[].address", restructured, "/address of the place that /places/0 names", "the title of that place is ours, from the names of the office and the street"},
	{"offices[].phones[].number", mapped, "/contacts/*/entries/*/value", "800…: freephone"},
	{"offices[].phones[].note", mapped, "/contacts/*/entries/*/note/it", ""},
	{"offices[].emails[]", mapped, "/contacts/*/entries/*/value", ""},
	{"offices[].pec", mapped, "/contacts/*/entries/*/value", ""},
	{"offices[].opening_hours_text", restructured, "/hoursText/it; /periods of the timetable that /timetable names", "as it is in the first; the second where weekdays and times are beyond doubt, read by hand (" + hoursFile + "): no hours by appointment, by telephone, of one of several counters or of historical records, and nothing of holidays, of which no source speaks"},
	{"offices[].opening_hours_as_of", mapped, "/origins/0/asOf", "also of its timetable; \"(dato …)\" after the hours that do not say it"},
	{"offices[].status", restructured, "/status, /statusReason", "as of services"},
	{"offices[].source.type", restructured, "the shape of /origins/0", ""},
	{"offices[].source.site_kind", restructured, "/origins/0/source", "as of services"},
	{"offices[].source.url", mapped, "/origins/0/url", ""},
	{"offices[].additional_sources[]", mapped, "/origins/*/url", ""},
	{"offices[].license", mapped, "/rightsNote/en", "as of services"},

	{"places[].source_id", mapped, "key of the row", ""},
	{"places[].record_type", restructured, "kind of the row", ""},
	{"places[].name", mapped, "/title/it", "/type is chosen by hand"},
	{"places[].address", restructured, "/address, /district", "without a street: /access/it; /district also from the name of an office or a quarter"},
	{"places[].description", mapped, "/summary/it", "capital letter first; hours in it are /hoursText too"},
	{"places[].source.type", restructured, "the shape of /origins/0", ""},
	{"places[].source.site_kind", restructured, "/origins/0/source", "as of services"},
	{"places[].source.url", mapped, "/origins/0/url", ""},
	{"places[].license", mapped, "/rightsNote/en", "as of services"},
}

// report says in Markdown what became of every field and what was decided for single records.
func (c *converter) report(sourceText []byte) ([]byte, error) {
	counts, err := fieldPaths(sourceText)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# From the records that were found to the demonstration catalogue\n\n")
	fmt.Fprintf(&b, "Written by `go generate ./internal/demo`. Texts are Italian unless said otherwise. What is in English or Chinese is translated by us, "+
		"but for the rights notes, which are English in the source and Italian by us.\n")
	fmt.Fprintf(&b, "\n## Rows\n\n| kind | rows |\n| --- | ---: |\n")
	for _, kind := range catalogue.Kinds {
		if c.counts[kind] > 0 {
			fmt.Fprintf(&b, "| %s | %d |\n", kind, c.counts[kind])
		}
	}
	fmt.Fprintf(&b, "\n## Fields\n\n| field of the source | values | how | where | remark |\n| --- | ---: | --- | --- | --- |\n")
	for _, m := range mappings {
		if counts[m.from] == 0 {
			return nil, fmt.Errorf("report: the source has no field %s", m.from)
		}
		fmt.Fprintf(&b, "| `%s` | %d | %s | %s | %s |\n", m.from, counts[m.from], m.how, m.to, m.remark)
		delete(counts, m.from)
	}
	if len(counts) > 0 {
		return nil, fmt.Errorf("report: nothing is said of the fields %v", slices.Sorted(maps.Keys(counts)))
	}
	fmt.Fprintf(&b, "\n## Translations\n\nFrom `%s`: made by us of the Italian alone, checked by none of the organisations.\n", translationsFile)
	fmt.Fprintf(&b, "\n| field of the source | how | where | texts |\n| --- | --- | --- | ---: |\n")
	for _, t := range translatedFields {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %d |\n", t.from, translated, t.to, c.translated[t.from])
	}
	fmt.Fprintf(&b, "\n## Readings\n\nWhat a reader put into fields, from `%s` and `%s`, and the words that say it.\n", factsFile, proceduresFile)
	fmt.Fprintf(&b, "\n| record | where | value | words |\n| --- | --- | --- | --- |\n")
	for _, r := range c.readings {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.id, r.at, r.value, r.words)
	}
	fmt.Fprintf(&b, "\n## Records\n\nWhat could not be mapped one to one.\n\n| record | what |\n| --- | --- |\n")
	for _, n := range c.notes {
		fmt.Fprintf(&b, "| %s | %s |\n", n.id, n.text)
	}
	return b.Bytes(), nil
}

// fieldPaths counts the values of a JSON text by their paths, such as services[].costs[].amount.
func fieldPaths(data []byte) (map[string]int, error) {
	var root any
	if err := json.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	counts := map[string]int{}
	countPaths(root, "", counts)
	return counts, nil
}

func countPaths(v any, at string, counts map[string]int) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			path := name
			if at != "" {
				path = at + "." + name
			}
			countPaths(value, path, counts)
		}
	case []any:
		for _, value := range v {
			countPaths(value, at+"[]", counts)
		}
	default:
		counts[at]++
	}
}
