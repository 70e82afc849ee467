package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// TestConformanceCompleteCards publishes twelve services as a municipality writes them (testdata/cards.json, made up): the ministry's
// check takes the structured data of each, and no part of its card is missing.
func TestConformanceCompleteCards(t *testing.T) {
	t.Parallel()
	s := once(t)
	content, err := os.ReadFile("testdata/cards.json")
	if err != nil {
		t.Fatal(err)
	}
	var cards []struct {
		Key      string
		Document json.RawMessage
	}
	if err := json.Unmarshal(content, &cards); err != nil {
		t.Fatal(err)
	}
	if len(cards) != 12 {
		t.Fatalf("%d cards, want 12", len(cards))
	}
	check, err := jsonschema.NewCompiler().Compile("../internal/format/schemaorg/testdata/metatag.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range []struct {
		kind catalogue.Kind
		key  string
		doc  object
	}{
		{catalogue.KindPublisher, apitest.Prato, object{"title": text("Comune di Prato"), "type": "municipality"}},
		{catalogue.KindPlace, "palazzo", object{"title": text("Palazzo comunale"), "address": object{"street": "Piazza del Comune", "number": "2", "postalCode": "59100", "city": "Prato", "province": "PO"}}},
		{catalogue.KindOffice, "sportello", object{
			"title": text("Sportello del cittadino"), "places": []string{"prato-comune/palazzo"},
			"contacts": []object{{"entries": []object{{"type": "phone", "value": "+39 0574 000000"}}}},
		}},
	} {
		publishEntry(s, entry.kind, entry.key, entry.doc).Want(http.StatusCreated)
	}

	for _, card := range cards {
		judged := s.Do(apitest.Request{Method: http.MethodPost, Path: "/v1/validations", Body: object{"kind": "service", "level": "portal", "document": card.Document}}).Want(http.StatusOK)
		if valid := judged.Object()["valid"]; valid != true {
			t.Errorf("%s may not stand on a portal: %s", card.Key, judged.Body)
		}
		slug := publishEntry(s, catalogue.KindService, card.Key, string(card.Document)).Want(http.StatusCreated).Object()["slug"].(string)
		path := "/v1/services/" + slug + "?lang=it&format="

		data := s.Get(path + "schemaorg").Want(http.StatusOK).Body
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := check.Validate(value); err != nil {
			t.Errorf("the ministry's check refuses %s: %v\n%s", card.Key, err, data)
		}
		var shown struct {
			Parts []struct {
				Code     string
				Present  bool
				Elements []struct{ HTML string }
			}
			Missing []string
			Metatag struct{ Missing []string }
		}
		body := s.Get(path + "card").Want(http.StatusOK)
		body.Into(&shown)
		if len(shown.Parts) != 13 || len(shown.Missing)+len(shown.Metatag.Missing) > 0 {
			t.Errorf("the card of %s has %d parts and lacks %v, %v", card.Key, len(shown.Parts), shown.Missing, shown.Metatag.Missing)
		}
		for _, part := range shown.Parts {
			if !part.Present || len(part.Elements) == 0 {
				t.Errorf("the card of %s has nothing in %s", card.Key, part.Code)
			}
		}
		readCard(t, card.Key, body.Body)
		keep(t, "card-"+card.Key, s.Get(path+"turtle").Want(http.StatusOK).Body, s.Get(path+"jsonld").Want(http.StatusOK).Body)
	}
	if !t.Failed() {
		t.Logf("Modello Comuni card: %d made-up cards complete, and taken by the ministry's check", len(cards))
	}
}
