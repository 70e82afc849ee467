package importing

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// WriteCSV writes rows as a table that Open reads back as equal ones: UTF-8 with a byte order mark, semicolons, a column
// for everything that any of the documents says, and no cell that a spreadsheet program takes for a formula. Carriage
// returns before line feeds are lost. It returns an error where a document cannot be read, or out cannot be written.
func WriteCSV(out io.Writer, rows []Row) error {
	docs := make([]catalogue.Document, len(rows))
	for i, row := range rows {
		doc, err := catalogue.Stored(row.Kind, string(row.Document))
		if err != nil {
			return err
		}
		docs[i] = doc
	}
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	w.Comma = ';'
	return writeTable(w, rowColumns, slices.Values(docs), func(yield func([]string, catalogue.Document) bool) {
		for i, row := range rows {
			if !yield([]string{row.Publisher, string(row.Kind), row.Key, strconv.FormatBool(row.Publish)}, docs[i]) {
				return
			}
		}
	}, nil)
}
