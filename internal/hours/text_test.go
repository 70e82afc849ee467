package hours_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestPeriodsInWords(t *testing.T) {
	state := func(s hours.Slot, state string) hours.Slot {
		s.State = state
		return s
	}
	for _, test := range []struct {
		name    string
		slots   []hours.Slot
		it, eng string
	}{
		{"no slots", nil, "chiuso", "closed"},
		{
			"mornings and two afternoons",
			[]hours.Slot{on("09:00", "13:00", workdays...), on("15:00", "17:00", "tuesday", "thursday")},
			"lun–ven 9:00–13:00; mar e gio anche 15:00–17:00", "Mon–Fri 9:00–13:00; Tue and Thu also 15:00–17:00",
		},
		{
			"the same on several days, said one by one",
			[]hours.Slot{on("14:00", "18:00", "tuesday"), on("09:00", "13:00", "monday"), on("09:00", "13:00", "tuesday"), on("09:00", "13:00", "wednesday"), on("14:00", "18:00", "monday")},
			"lun–mer 9:00–13:00; lun e mar anche 14:00–18:00", "Mon–Wed 9:00–13:00; Mon and Tue also 14:00–18:00",
		},
		{
			"twice a day",
			[]hours.Slot{on("08:30", "12:30", "monday", "tuesday", "wednesday", "friday", "saturday"), on("14:00", "18:00", "monday", "tuesday", "wednesday", "friday", "saturday")},
			"lun–mer, ven e sab 8:30–12:30 e 14:00–18:00", "Mon–Wed, Fri and Sat 8:30–12:30 and 14:00–18:00",
		},
		{
			"in another state",
			[]hours.Slot{on("09:00", "12:00", "monday"), state(on("09:00", "12:00", "thursday"), "by_appointment")},
			"lun 9:00–12:00; gio 9:00–12:00 (su appuntamento)", "Mon 9:00–12:00; Thu 9:00–12:00 (by appointment)",
		},
		{"past midnight", []hours.Slot{on("20:00", "02:00", "saturday", "sunday")}, "sab e dom 20:00–2:00", "Sat and Sun 20:00–2:00"},
		{
			"always",
			[]hours.Slot{state(on("00:00", "24:00", everyDay...), "self_service")},
			"tutti i giorni 24 ore su 24 (self-service)", "every day 24 hours (self-service)",
		},
		{"to midnight", []hours.Slot{on("18:00", "24:00", "sunday")}, "dom 18:00–24:00", "Sun 18:00–24:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := hours.Period{Slots: test.slots}.Text()
			if diff := cmp.Diff(lang.Text{"it": test.it, "en": test.eng}, got); diff != "" {
				t.Errorf("Text mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
