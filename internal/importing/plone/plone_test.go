package plone_test

import (
	"testing"

	"github.com/comuneprato/service-catalogue/internal/importing/plone"
	"github.com/comuneprato/service-catalogue/internal/importing/portal/portaltest"
)

var read = portaltest.Reader(plone.Read)

func TestRead(t *testing.T) { read.Export(t) }

func TestReadRefusesWhatIsNoExport(t *testing.T) { read.Refusals(t) }

func FuzzRead(f *testing.F) {
	read.Fuzz(f,
		`{"items":[{"@type":"Servizio","@id":"%zz","costi":{"blocks":{"a":{"@type":"slate","value":[{"children":{"type":"p"}}]}},"blocks_layout":{"items":["a","b"]}}}]}`,
		`[{"@type":"Venue","@id":1,"geolocation":[],"contact_info":[1,{"@type":"PuntoDiContatto","value_punto_contatto":[null]}],"stato_servizio":{}}]`,
		`[{"@type":"Servizio","@id":"/a","come_si_fa":{"blocks":{"a":{"@type":"text","text":{"blocks":[{"text":"abc","entityRanges":[{"offset":-1,"length":99,"key":0}]}],"entityMap":{"0":{"data":{"url":"x"}}}}}},"blocks_layout":{"items":["a"]}}}]`,
	)
}
