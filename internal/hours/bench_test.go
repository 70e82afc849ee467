package hours_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// crowded is the counter with as many exceptions: every other day, and weeks around them.
func crowded(n int) hours.Spec {
	spec := counter
	spec.Exceptions = nil
	day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		from := day.AddDate(0, 0, 2*i)
		e := hours.Exception{From: from.Format(time.DateOnly), Reason: lang.Of("Eccezione")}
		switch i % 3 {
		case 0:
			e.Closed = true
		case 1:
			e.Slots = []hours.DaySlot{{Opens: "10:00", Closes: "11:00"}}
		default:
			e.State, e.To = "phone_only", from.AddDate(0, 0, 6+i%50).Format(time.DateOnly)
		}
		spec.Exceptions = append(spec.Exceptions, e)
	}
	return spec
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{0, 10, 10_000} {
		spec := crowded(n)
		b.Run(fmt.Sprintf("exceptions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			holidays := hours.Standard()
			for b.Loop() {
				hours.Compile(spec, holidays)
			}
		})
	}
}

func BenchmarkStateAt(b *testing.B) {
	at := time.Date(2026, 10, 14, 11, 15, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		spec hours.Spec
	}{
		{"exceptions=0", crowded(0)},
		{"exceptions=10", crowded(10)},
		{"exceptions=10000", crowded(10_000)},
		{"closed_for_good", hours.Spec{HolidaySets: []string{"national"}, HolidayPolicy: "closed", Exceptions: counter.Exceptions}},
	} {
		s, findings := hours.Compile(test.spec, hours.Standard())
		if len(findings) > 0 {
			b.Logf("%s: %d findings, the first %v", test.name, len(findings), findings[0])
			b.FailNow()
		}
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.StateAt(at)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	s := compile(b, counter)
	at := time.Date(2026, 10, 14, 11, 15, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		s.Open(at)
	}
}

func BenchmarkDays(b *testing.B) {
	s := compile(b, counter)
	first := hours.NewDate(2026, time.January, 1)
	b.ReportAllocs()
	for b.Loop() {
		s.Days(first, first+365)
	}
}
