package publishing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// FuzzPatch holds a patch against the document that is merged by the letter of RFC 7396, and put.
func FuzzPatch(f *testing.F) {
	for _, patch := range []string{
		`{}`, `{"title":{"en":null,"it":"B"}}`, `{"keywords":[{"it":"c","en":null}],"summary":null}`, `{"title":null}`, `{"titel":null}`,
		`{"parent":"prato/x","parent":null}`, `[]`, `null`, `{`, `{"contacts":[{"entries":[{"type":"phone","value":"0574 1"}]}]}`, `{"bookingUrl":1e400}`,
		`{"title":{"it":{"it":null}}}`, `{"keywords":{"it":null}}`, "{\"title\":{\"it\":\"\\ud800\"}}", `{"slug":"altro","summary":{"it":"<&\u2028>"}}`,
	} {
		f.Add([]byte(patch))
	}
	r := newRoom(f, storetest.Open(f, storetest.SQLite))
	ref := office("prato", "anagrafe")
	const document = `{"title":{"it":"Anagrafe","en":"Registry"},"summary":{"it":"Certificati."},"keywords":[{"it":"residenza"}],"bookingUrl":"https://example.org/a"}`
	f.Fuzz(func(t *testing.T, patch []byte) {
		_, broken, err := catalogue.Decode(ref.Kind, patch)
		r.put(t, ref, document, draft)
		patched, patchErr := r.Patch(t.Context(), ref, patch, draft)
		if err != nil || broken.HasErrors() {
			if !errors.Is(patchErr, catalogue.ErrMalformed) && !errors.Is(patchErr, catalogue.ErrInvalid) {
				t.Errorf("patch %s, of which cannot be read what it says: got %v", patch, patchErr)
			}
			return
		}
		var target, change any
		for text, value := range map[string]*any{document: &target, string(patch): &change} {
			decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
			decoder.UseNumber()
			if err := decoder.Decode(value); err != nil {
				t.Fatal(err)
			}
		}
		r.put(t, ref, document, draft)
		put, putErr := r.Put(t.Context(), ref, encode(t, merge(target, change)), draft)
		if diff := cmp.Diff(findingsOf(putErr), findingsOf(patchErr)); diff != "" {
			t.Errorf("patch %s: findings mismatch (-put +patch):\n%s", patch, diff)
		}
		if diff := cmp.Diff(string(put.State.Document), string(patched.State.Document)); diff != "" {
			t.Errorf("patch %s: document mismatch (-put +patch):\n%s", patch, diff)
		}
	})
}
