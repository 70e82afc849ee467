// Package plone reads content of the Modello Comuni as the REST API of Plone writes it: an array of objects, as
// collective.exportimport exports them, or the answer to @search?fullobjects=1, whose items they are.
//
// Names of fields are those of RedTurtle/design.plone.contenttypes: servizio.py,
// unita_organizzativa.py and punto_di_contatto.py among the interfaces, what v3/servizio.py, v3/unita_organizzativa.py,
// luogo.py, contatti.py, address.py and argomenti.py add to them, and restapi/serializers. Texts are the blocks of Volto (collective.volto.blocksfield; of kind text in Draft.js, slate or html) or rich text; relations are summaries
// of the content they lead to, and those to points of contact hold their values. mapping.json says what becomes of each
// field.
package plone

import (
	"crypto/sha256"
	_ "embed" // for the mapping
	"encoding/hex"
	"io"
	"net/url"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/importing/portal"
)

//go:embed mapping.json
var mapping []byte

// Read reads an export. The key of each row is the path of the content in the site, with tildes for slashes.
func Read(input io.Reader, o portal.Options) (portal.Export, error) {
	return portal.Read(input, portal.System{
		Member:   "items",
		Types:    portal.ParseTypes(mapping),
		TypeOf:   func(content portal.Record) string { return text(content["@type"]) },
		KeyOf:    func(content portal.Record) string { return key(text(content["@id"])) },
		URLOf:    func(content portal.Record) string { return text(content["@id"]) },
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

// longestKey is what remains of a key beside a hash.
const longestKey = 100

// key makes a key of the address of a content.
func key(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		u = &url.URL{Path: address}
	}
	path := strings.Trim(u.Path, "/")
	for _, prefix := range []string{"++api++/", "api/"} {
		path = strings.TrimPrefix(path, prefix)
	}
	made := strings.Map(func(r rune) rune {
		switch {
		case r == '/':
			return '~'
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("._-", r):
			return r
		default:
			return '_'
		}
	}, path)
	if made != strings.ReplaceAll(path, "/", "~") || len(made) > longestKey {
		sum := sha256.Sum256([]byte(path))
		made = made[max(0, len(made)-longestKey):] + "~" + hex.EncodeToString(sum[:8])
	}
	return made
}

// system are members of every content that say nothing about it to readers.
var system = map[string]bool{
	"@components": true, "@id": true, "@type": true, "UID": true, "allow_discussion": true, "changeNote": true,
	"contributors": true, "created": true, "creators": true, "design_italia_meta_type": true, "effective": true,
	"exclude_from_nav": true, "exclude_from_search": true, "expires": true, "id": true, "is_folderish": true,
	"items_total": true, "language": true, "layout": true, "lock": true, "modified": true, "next_item": true, "notes": true,
	"previous_item": true, "review_state": true, "rights": true, "seo_canonical_url": true, "seo_description": true,
	"seo_noindex": true, "seo_title": true, "opengraph_description": true, "opengraph_image": true, "opengraph_title": true,
	"subjects": true, "type_title": true, "version": true, "versioning_enabled": true, "working_copy": true,
	"working_copy_of": true, "show_modified": true, "update_note": true, "blocks": true, "blocks_layout": true,
	"translation_of": true, "is_active": true, "has_children": true,
}

func fieldsOf(content portal.Record) map[string]any {
	fields := map[string]any{}
	for name, value := range content {
		if !system[name] && value != false {
			fields[name] = value
		}
	}
	if status, ok := content["stato_servizio"]; ok && status != nil {
		fields["stato_servizio"] = status
	} else if content["@type"] == "Servizio" {
		fields["stato_servizio"] = false // the box "cannot be had" is not ticked
	}
	return fields
}

// list is a list, or a value as a list of one.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// keys are the keys of the contents that relations lead to.
func keys(value any) []string {
	var all []string
	for _, element := range list(value) {
		if summary, ok := element.(map[string]any); ok {
			all = append(all, key(text(summary["@id"])))
		}
	}
	return all
}

// labels are the titles of terms and of pages that stand for topics. The title of a term is a path to it.
func labels(value any) []string {
	var all []string
	for _, element := range list(value) {
		label := text(element)
		if term, ok := element.(map[string]any); ok {
			label = text(term["title"])
		}
		if i := strings.LastIndex(label, pathSeparator); i >= 0 {
			label = label[i+len(pathSeparator):]
		}
		all = append(all, label)
	}
	return all
}

// pathSeparator is what collective.taxonomy puts between the titles of a path.
const pathSeparator = "␟"

// contacts reads points of contact, value_punto_contatto of whose summaries holds their values.
func contacts(value any) []portal.Contact {
	var all []portal.Contact
	for _, element := range list(value) {
		summary, ok := element.(map[string]any)
		if !ok || summary["@type"] != "PuntoDiContatto" {
			all = append(all, portal.Contact{Label: text(summary["title"])})
			continue
		}
		contact := portal.Contact{Label: text(summary["title"])}
		for _, row := range list(summary["value_punto_contatto"]) {
			entry, _ := row.(map[string]any)
			kind := text(entry["pdc_type"])
			if choice, ok := entry["pdc_type"].(map[string]any); ok {
				kind = text(choice["token"])
			}
			contact.Entries = append(contact.Entries, portal.ContactEntry{Type: kind, Value: text(entry["pdc_value"])})
		}
		all = append(all, contact)
	}
	return all
}
