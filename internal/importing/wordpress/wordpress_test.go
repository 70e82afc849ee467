package wordpress_test

import (
	"testing"

	"github.com/comuneprato/service-catalogue/internal/importing/portal/portaltest"
	"github.com/comuneprato/service-catalogue/internal/importing/wordpress"
)

var read = portaltest.Reader(wordpress.Read)

func TestRead(t *testing.T) { read.Export(t) }

func TestReadRefusesWhatIsNoExport(t *testing.T) { read.Refusals(t) }

func FuzzRead(f *testing.F) {
	read.Fuzz(f,
		`[{"type":"servizio","id":1,"cmb2":{"a":{"_dci_servizio_stato":[1],"_dci_servizio_output":{"a":"<p>"},"_dci_servizio_punti_contatto":1}}}]`,
		`[{"type":"luogo","id":{},"title":1,"cmb2":{"a":{"_dci_luogo_posizione_gps":{"lat":"1e999","lng":[]},"_dci_luogo_cap":"\u0000"}},"class_list":{}}]`,
	)
}
