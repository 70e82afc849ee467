// Package wordpress reads what the REST API of a municipal site on the WordPress theme "Design Comuni Italia" answers for
// /wp-json/wp/v2/servizi, /wp-json/wp/v2/unita_organizzative and, where the site has them there, places: an array of
// posts, of one type or of several.
//
// Names of fields are those of italia/design-comuni-wordpress-theme, inc/admin/tipologie/tipologia_servizio.php,
// tipologia_unita_organizzativa.php, tipologia_luogo.php and tipologia_punto_contatto.php. The API shows them as
// cmb2.<box>.<field>, as the theme's own assets/js/components/booking.js reads them; boxes differ between versions of
// the theme and are of no account. Terms of a taxonomy are in _embedded (with ?_embed), else in class_list (since
// WordPress 6.7) by their slugs. mapping.json says what becomes of each field.
package wordpress

import (
	_ "embed" // for the mapping
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/importing/portal"
)

//go:embed mapping.json
var mapping []byte

// Read reads an export. The key of each row is "wp-" and the number of the post.
func Read(input io.Reader, o portal.Options) (portal.Export, error) {
	return portal.Read(input, portal.System{
		Types:    portal.ParseTypes(mapping),
		TypeOf:   func(post portal.Record) string { return text(post["type"]) },
		KeyOf:    func(post portal.Record) string { return key(post["id"]) },
		URLOf:    func(post portal.Record) string { return text(post["link"]) },
		FieldsOf: fieldsOf,
		HTML:     html,
		Keys:     keys,
		Labels:   labels,
		Contacts: contacts,
	}, o)
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// key makes a key of the number of a post.
func key(number any) string {
	if n, ok := number.(float64); ok {
		return "wp-" + strconv.FormatFloat(n, 'f', -1, 64)
	}
	return "wp-" + text(number)
}

// taxonomies are those whose terms are fields, by themselves and as the theme names them among its own.
var taxonomies = []string{"categorie_servizio", "argomenti", "eventi_vita_persone", "eventi_vita_impresa", "tipi_unita_organizzativa", "tipi_luogo"}

// fieldsOf lists the title, the fields of the theme and the terms.
func fieldsOf(post portal.Record) map[string]any {
	fields := map[string]any{}
	if title, ok := post["title"].(map[string]any); ok {
		fields["title"] = title["rendered"]
	}
	boxes, _ := post["cmb2"].(map[string]any)
	for _, box := range boxes {
		values, _ := box.(map[string]any)
		for name, value := range values {
			if _, of := values[strings.TrimSuffix(name, "_id")]; of && strings.HasSuffix(name, "_id") {
				continue // the number of a file beside its address
			}
			fields[name] = value
		}
	}
	for _, taxonomy := range taxonomies {
		if terms := termsOf(post, taxonomy); len(terms) > 0 {
			fields[taxonomy] = terms
		}
	}
	return fields
}

// termsOf lists the terms of a taxonomy: by name where they are embedded, else by slug.
func termsOf(post portal.Record, taxonomy string) (terms []any) {
	embedded, _ := post["_embedded"].(map[string]any)
	groups, _ := embedded["wp:term"].([]any)
	for _, group := range groups {
		list, _ := group.([]any)
		for _, element := range list {
			if term, _ := element.(map[string]any); text(term["taxonomy"]) == taxonomy {
				terms = append(terms, term["name"])
			}
		}
	}
	if len(terms) > 0 {
		return terms
	}
	classes, _ := post["class_list"].([]any)
	for _, class := range classes {
		if slug, ok := strings.CutPrefix(text(class), taxonomy+"-"); ok {
			terms = append(terms, slug)
		}
	}
	return terms
}

func html(value any) (fragment string, lost []string) {
	switch v := value.(type) {
	case string:
		return v, nil
	case []any:
		var b strings.Builder
		for _, element := range v {
			more, missed := html(element)
			lost = append(lost, missed...)
			b.WriteString("<p>" + more + "</p>")
		}
		return b.String(), lost
	default:
		return "", []string{fmt.Sprint(value)}
	}
}

// keys are the numbers of posts, one or a list of them.
func keys(value any) []string {
	switch v := value.(type) {
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, keys(element)...)
		}
		return all
	case string, float64:
		return []string{key(v)}
	default:
		return nil
	}
}

func labels(value any) []string {
	list, _ := value.([]any)
	var all []string
	for _, element := range list {
		all = append(all, text(element))
	}
	return all
}

// contacts knows no more than that there are some: points of contact are posts that the API does not show.
func contacts(value any) []portal.Contact {
	var all []portal.Contact
	for _, post := range keys(value) {
		all = append(all, portal.Contact{Label: "non è nell'esportazione: " + post})
	}
	return all
}
