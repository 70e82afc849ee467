package importing_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
)

func FuzzNDJSON(f *testing.F) {
	f.Add([]byte(`{"publisher":"prato","kind":"place","key":"a","document":{"title":{"it":"A"}},"publish":true}` + "\n\n{\n[]\nnull"))
	f.Add([]byte(`{"publisher":"prato","kind":"place","key":"a","document":{"a":[1.0e9,{"b":null}]},"document":1}`))
	f.Add([]byte("\ufeff{\"publish\":1}\r\n\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var fault *importing.InputError
		if err := readAll(t, importing.NDJSON, text); !errors.Is(err, io.EOF) && !errors.As(err, &fault) {
			t.Errorf("the input ends with %v", err)
		}
	})
}

// readAll reads an input to its end, says why it ended, and reports numbers that do not ascend and good rows that
// nobody could store.
func readAll(t *testing.T, format importing.Format, text []byte) error {
	t.Helper()
	rows, err := importing.Open(format, bytes.NewReader(text), importing.Options{})
	for last := 0; err == nil; {
		var row importing.Row
		row, err = rows.Next()
		var bad *importing.RowError
		switch {
		case err == nil:
			checkRow(t, row)
		case errors.As(err, &bad):
			if err = nil; bad.Number != row.Number {
				t.Errorf("row %d has an error of row %d", row.Number, bad.Number)
			}
		default:
			return err
		}
		if row.Number <= last {
			t.Errorf("row %d comes after %d", row.Number, last)
		}
		last = row.Number
	}
	return err
}

// checkRow reports a row that was said to be good, and cannot be stored.
func checkRow(t *testing.T, row importing.Row) {
	t.Helper()
	if !catalogue.ValidKey(row.Publisher) || !catalogue.ValidKey(row.Key) || !slices.Contains(catalogue.Kinds, row.Kind) {
		t.Errorf("a good row with bad names: %+v", row)
	}
	if len(row.Document) == 0 {
		return
	}
	if _, _, err := catalogue.Decode(row.Kind, row.Document); err != nil {
		t.Errorf("a good row whose document cannot be read: %v: %s", err, row.Document)
	}
}
