package catalogue_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/golden"
)

func TestEncodeWritesTheCanonicalForm(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		golden.CheckJSON(t, "document-"+string(kind), []byte(catalogue.Encode(cataloguetest.Sample(kind))))
	}
	doc, _, err := catalogue.Decode(catalogue.KindPlace, []byte(`{"title":{"it":"«A»\u2028","en":"\u003cb>\u0026<\/b>"},"slug":"\u0061","links":[],"district":""}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := catalogue.Encode(doc), `{"slug":"a","title":{"en":"<b>&</b>","it":"«A»\u2028"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// everyKind runs a property for random documents of every kind.
func everyKind(t *testing.T, property func(*rapid.T, catalogue.Document)) {
	t.Helper()
	for _, kind := range catalogue.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { property(t, cataloguetest.Generate(t, kind)) })
		})
	}
}

func TestDecodeReadsBackWhatEncodeWrote(t *testing.T) {
	everyKind(t, func(t *rapid.T, doc catalogue.Document) {
		encoded := catalogue.Encode(doc)
		got, findings, err := catalogue.Decode(doc.Kind(), []byte(encoded))
		if err != nil {
			t.Fatalf("%v in %s", err, encoded)
		}
		catalogue.Check(got, catalogue.LevelDraft, &findings)
		if findings.HasErrors() {
			t.Fatalf("got errors %v, want none in %s", places(findings, catalogue.SeverityError), encoded)
		}
		if diff := cmp.Diff(doc, got); diff != "" {
			t.Fatalf("document mismatch (-want +got):\n%s", diff)
		}
		if again := catalogue.Encode(got); again != encoded {
			t.Fatalf("encoded again: got %s, want %s", again, encoded)
		}
		if diff := cmp.Diff(doc, catalogue.MustDecode(doc.Kind(), encoded)); diff != "" {
			t.Fatalf("MustDecode mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestMustDecodePanicsOnWhatWasNeverStored(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("got no panic, want one")
		}
	}()
	catalogue.MustDecode(catalogue.KindPlace, "{")
}

func TestSamplesUseEveryField(t *testing.T) {
	used := map[string]bool{}
	for _, kind := range catalogue.Kinds {
		visit(reflect.ValueOf(cataloguetest.Sample(kind)).Elem(), string(kind), used)
	}
	for path, yes := range used {
		if !yes && path != "timetable.Spec.AlwaysOpen" { // which cannot stand beside periods
			t.Errorf("%s is empty in the samples: give it a value in cataloguetest, so that goldens show it", path)
		}
	}
}

// visit notes which fields have a value anywhere in v: those of a document by its kind, those of what is in it by their
// type.
func visit(v reflect.Value, name string, used map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), name, used)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), name, used)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f, inside := v.Type().Field(i), ""
			field := name + "." + f.Name
			used[field] = used[field] || !v.Field(i).IsZero()
			if inside = field; !f.Anonymous {
				inside = typeName(f.Type)
			}
			visit(v.Field(i), inside, used)
		}
	default: // nothing inside
	}
}

func typeName(t reflect.Type) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Name()
}

func TestReferencesAreInTheOrderOfTheDocument(t *testing.T) {
	var list strings.Builder
	for _, kind := range catalogue.Kinds {
		for _, r := range catalogue.References(cataloguetest.Sample(kind)) {
			fmt.Fprintf(&list, "%s %s: %s %s", kind, r.Pointer, r.To.Kind, r.To)
			if r.Acyclic {
				list.WriteString(", never back to itself")
			}
			list.WriteString("\n")
		}
	}
	golden.Check(t, "references", []byte(list.String()))
	if got := catalogue.References(&catalogue.Service{ResponsibleOffice: "no reference"}); got != nil {
		t.Errorf("malformed reference: got %v, want none", got)
	}
}

func TestGenerateDrawsEveryField(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		documents := rapid.Custom(func(t *rapid.T) catalogue.Document { return cataloguetest.Generate(t, kind) })
		drawn := map[string]bool{}
		for seed := range 2000 {
			visit(reflect.ValueOf(documents.Example(seed)).Elem(), string(kind), drawn)
		}
		for path, yes := range drawn {
			if !yes {
				t.Errorf("%s was never drawn", path)
			}
		}
	}
}
