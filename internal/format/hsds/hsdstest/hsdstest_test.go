package hsdstest_test

import (
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/format/hsds/hsdstest"
)

func TestMistakesAreSeen(t *testing.T) {
	const id = "019aa2d1-0000-7000-8000-000000000000"
	for _, tt := range []struct{ name, schema, object, mistake string }{
		{"nothing wrong", "service", `{"id":"` + id + `","name":"A","status":"active"}`, ""},
		{"no status", "service", `{"id":"` + id + `","name":"A"}`, "status"},
		{"a status of ours", "service", `{"id":"` + id + `","name":"A","status":"temporarily_closed"}`, "/status"},
		{"no UUID", "service", `{"id":"a","name":"A","status":"active"}`, "uuid"},
		{"an empty text", "service", `{"id":"` + id + `","name":"","status":"active"}`, "/name"},
		{"null", "service", `{"id":"` + id + `","name":"A","status":"active","email":null}`, "/email"},
		{"no address of mail", "service", `{"id":"` + id + `","name":"A","status":"active","email":"a"}`, "email"},
		{"no day", "service", `{"id":"` + id + `","name":"A","status":"active","assured_date":"2026"}`, "date"},
		{"an unknown member", "service", `{"id":"` + id + `","name":"A","status":"active","summary":"A"}`, "summary"},
		{"a mistake in the list of a service", "service", `{"id":"` + id + `","name":"A","status":"active","phones":[{"id":"` + id + `"}]}`, "number"},
		{"a mistake in a service of an organization", "organization", `{"id":"` + id + `","name":"A","description":"A","services":[{"id":"` + id + `","name":"A"}]}`, "status"},
		{
			"one id for two phones", "service",
			`{"id":"` + id + `","name":"A","status":"active","phones":[{"id":"` + id + `","number":"1"},{"id":"` + id + `","number":"2"}]}`, "two objects",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := hsdstest.Validate(tt.schema, []byte(tt.object))
			if got := ""; err != nil {
				if got = err.Error(); tt.mistake == "" || !strings.Contains(got, tt.mistake) {
					t.Errorf("got %q, want %q in it", got, tt.mistake)
				}
			} else if tt.mistake != "" {
				t.Errorf("got nothing, want %q", tt.mistake)
			}
		})
	}
}
