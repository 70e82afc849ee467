package portal

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"

	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

var markdown = converter.NewConverter(converter.WithPlugins(base.NewBasePlugin(), commonmark.NewCommonmarkPlugin()))

// CommonMark turns a fragment of HTML into CommonMark.
func CommonMark(fragment string) (string, error) {
	text, err := markdown.ConvertString(fragment)
	if err != nil {
		return "", fmt.Errorf("HTML to CommonMark: %w", err)
	}
	return strings.TrimSpace(text), nil
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`[\s\p{Z}]+`)
)

// Line is the text of a fragment of HTML on one line.
func Line(fragment string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(fragment, " ")), " "))
}

// readers read values into the cells of a draft. They report whether anything was taken, and what was lost.
var readers = map[string]func(s System, d *draft, rule Rule, value any) (taken bool, lost []string){
	"line":      readLine,
	"rich":      readRich,
	"lines":     readLines,
	"url":       readURL,
	"terms":     readTerms,
	"contacts":  readContacts,
	"active":    readActive,
	"point":     readPoint,
	"deadlines": readDeadlines,
}

// set fills a cell, behind what is there.
func (d *draft) set(column, text string) {
	if before := d.cells[column]; before != "" && before != text {
		text = before + "\n\n" + text
	}
	d.cells[column] = text
}

func readLine(s System, d *draft, rule Rule, value any) (bool, []string) {
	fragment, lost := s.HTML(value)
	line := Line(fragment)
	if line == "" {
		return false, lost
	}
	d.set(rule.To, line)
	return true, lost
}

func readRich(s System, d *draft, rule Rule, value any) (bool, []string) {
	fragment, lost := s.HTML(value)
	text, err := CommonMark(fragment)
	if err != nil {
		return false, append(lost, err.Error())
	}
	if text == "" {
		return false, lost
	}
	d.set(rule.To, text)
	return true, lost
}

// readLines makes the elements of a list titles of numbered parts; a value that is no list is one text before them.
func readLines(s System, d *draft, rule Rule, value any) (bool, []string) {
	list, ok := value.([]any)
	if !ok {
		return readRich(s, d, Rule{To: rule.Of}, value)
	}
	taken := false
	var lost []string
	for i, element := range list {
		fragment, more := s.HTML(element)
		lost = append(lost, more...)
		switch line := Line(fragment); {
		case line == "":
		case i >= importing.MaxNumbered:
			lost = append(lost, line)
		default:
			d.set(fmt.Sprintf(rule.To, i+1), line)
			taken = true
		}
	}
	return taken, lost
}

var webAddress = regexp.MustCompile(`^https?://\S+$`)

func readURL(_ System, d *draft, rule Rule, value any) (bool, []string) {
	text, _ := value.(string)
	if file, ok := value.(map[string]any); ok { // of Plone
		text, _ = file["download"].(string)
	}
	if text = strings.TrimSpace(text); !webAddress.MatchString(text) {
		return false, []string{excerpt(value)}
	}
	d.cells[rule.To] = text
	return true, nil
}

func readTerms(s System, d *draft, rule Rule, value any) (bool, []string) {
	scheme := vocabulary.MustGet(rule.Of)
	var codes, lost []string
	for _, label := range s.Labels(value) {
		if code, ok := term(scheme, label); ok {
			codes = append(codes, code)
		} else {
			lost = append(lost, label)
		}
	}
	if len(codes) == 0 {
		return false, lost
	}
	d.cells[rule.To] = importing.Join(codes)
	return true, lost
}

// readContacts numbers the contacts of a record behind those it has.
func readContacts(s System, d *draft, rule Rule, value any) (bool, []string) {
	scheme := vocabulary.MustGet("contact-types")
	taken := false
	var lost []string
	for _, contact := range s.Contacts(value) {
		n := 1
		for d.cells[fmt.Sprintf("%s.%d.entries.1.type", rule.To, n)] != "" {
			n++
		}
		if n > importing.MaxNumbered {
			lost = append(lost, contact.Label)
			continue
		}
		entries := 0
		for _, entry := range contact.Entries[:min(len(contact.Entries), importing.MaxNumbered)] {
			kind, ok := term(scheme, entry.Type)
			if !ok {
				if kind, ok = contactTypes[strings.ToLower(entry.Type)]; !ok {
					lost = append(lost, entry.Type+": "+entry.Value)
					continue
				}
			}
			entries++
			at := fmt.Sprintf("%s.%d.entries.%d", rule.To, n, entries)
			d.cells[at+".type"], d.cells[at+".value"] = kind, strings.TrimSpace(entry.Value)
		}
		if entries > 0 && contact.Label != "" {
			d.cells[fmt.Sprintf("%s.%d.label", rule.To, n)] = contact.Label
		}
		taken = taken || entries > 0
		if len(contact.Entries) == 0 {
			lost = append(lost, contact.Label)
		}
	}
	return taken, lost
}

// contactTypes are other names that the systems have for our contact-types.
var contactTypes = map[string]string{
	"telefono": "phone", "tel": "phone", "cellulare": "mobile", "e-mail": "email", "mail": "email", "pec": "pec",
	"url": "website", "web": "website", "sito": "website", "account": "social", "cell": "mobile",
}

// readActive reads whether a service can be had: true or false, or their words. Rule.Of says what false means.
func readActive(_ System, d *draft, rule Rule, value any) (bool, []string) {
	text := fmt.Sprint(value)
	if text != "true" && text != "false" {
		return false, []string{text}
	}
	d.cells[rule.To] = "inactive"
	if (text == "true") == (rule.Of == "true") {
		d.cells[rule.To] = "active"
	}
	return true, nil
}

// readPoint reads a position; zeros stand for none.
func readPoint(_ System, d *draft, rule Rule, value any) (bool, []string) {
	point, _ := value.(map[string]any)
	for _, names := range [][2]string{{"latitude", "longitude"}, {"lat", "lng"}} {
		lat, lon := number(point[names[0]]), number(point[names[1]])
		if lat != "" && lon != "" {
			d.cells[rule.To+".lat"], d.cells[rule.To+".lon"] = lat, lon
			return true, nil
		}
	}
	return false, []string{excerpt(value)}
}

// number is a number other than zero, "" for anything else.
func number(value any) string {
	var x float64
	switch v := value.(type) {
	case float64:
		x = v
	case string:
		var err error
		if x, err = strconv.ParseFloat(v, 64); err != nil {
			return ""
		}
	}
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// readDeadlines reads the steps of a timeline that end on a day. Those that only say how long something takes are lost.
func readDeadlines(_ System, d *draft, rule Rule, value any) (bool, []string) {
	list, _ := value.([]any)
	n := 0
	var lost []string
	for _, element := range list {
		step, _ := element.(map[string]any)
		title, _ := step["milestone"].(string)
		day, _ := step["data_scadenza"].(string)
		if title == "" || day == "" || n == importing.MaxNumbered {
			lost = append(lost, excerpt(element))
			continue
		}
		n++
		at := fmt.Sprintf("%s.%d", rule.To, n)
		d.cells[at+".title.it"], d.cells[at+".to"] = title, day
		if more, _ := step["milestone_description"].(string); more != "" {
			d.cells[at+".description.it"] = more
		}
	}
	return n > 0, lost
}
