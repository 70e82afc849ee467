package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

const importsPath = "/v1/publishers/" + apitest.Prato + "/imports"

func row(kind, key string, document object, publish bool) object {
	return object{"kind": kind, "key": key, "document": document, "publish": publish}
}

func ndjson(rows ...any) string {
	var b strings.Builder
	for _, row := range rows {
		line, isText := row.(string)
		if !isText {
			data, err := json.Marshal(row)
			if err != nil {
				panic(err)
			}
			line = string(data)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// upload starts an import of Prato.
func upload(t *testing.T, s *apitest.Server, token, query, body string) (started api.Import) {
	t.Helper()
	a := s.Do(upLoading(token, query, body)).Want(http.StatusAccepted)
	a.Into(&started)
	if want := s.URL + importsPath + "/" + started.ID; a.Header.Get("Location") != want {
		t.Errorf("Location = %q, want %q", a.Header.Get("Location"), want)
	}
	return started
}

func upLoading(token, query, body string) apitest.Request {
	return apitest.Request{
		Method: http.MethodPost, Path: importsPath + query, Token: token, Body: body,
		Header: map[string]string{"Content-Type": "application/x-ndjson"},
	}
}

// awaitImport waits until an import of Prato has ended.
func awaitImport(t *testing.T, s *apitest.Server, id string) (ended api.Import) {
	t.Helper()
	for range 300 {
		s.Do(apitest.Request{Path: importsPath + "/" + id, Token: s.Prato}).Want(http.StatusOK).Into(&ended)
		if ended.FinishedAt != nil {
			return ended
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the import has not ended: %+v", ended)
	return ended
}

// report lists what became of the rows of an import, `row outcome kind key`, with its errors.
func report(t *testing.T, s *apitest.Server, id, query string) (lines []string) {
	t.Helper()
	var all api.ImportReport
	s.Do(apitest.Request{Path: importsPath + "/" + id + "/report" + query, Token: s.Prato}).Want(http.StatusOK).Into(&all)
	for _, row := range all.Items {
		lines = append(lines, reportLine(row))
	}
	return lines
}

func reportLine(row api.ImportRow) string {
	line := fmt.Sprintf("%d %s %s %s", row.Row, row.Outcome, row.Kind, row.Key)
	for _, e := range row.Errors {
		line += fmt.Sprintf(" [%s %s: %s]", e.Pointer, e.Rule, e.Message)
	}
	return line
}

func TestAnImportIsWorkedInTheBackground(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, s *apitest.Server) {
		body := ndjson(
			row("office", "anagrafe", object{"title": text("Anagrafe"), "places": []string{"prato-comune/sede"}}, true),
			row("place", "sede", object{"title": text("Sede")}, true),
			row("place", "bozza", object{"title": text("Bozza")}, false),
		)
		started := upload(t, s, s.Prato, "", body)
		if started.State != "queued" || started.FinishedAt != nil {
			t.Errorf("a new import is %+v, want it queued", started)
		}
		s.WorkImports()
		got := awaitImport(t, s, started.ID)
		if got.State != "done" || got.Progress != 100 || got.Rows != (api.ImportRows{Created: 3}) {
			t.Errorf("the import is %+v, want 3 created", got)
		}
		want := []string{"1 created office anagrafe", "2 created place sede", "3 created place bozza"}
		if diff := cmp.Diff(want, report(t, s, started.ID, "")); diff != "" {
			t.Errorf("report mismatch (-want +got):\n%s", diff)
		}
		var entry api.Entry
		s.Do(apitest.Request{Path: "/v1/publishers/prato-comune/offices/anagrafe", Token: s.Prato}).Want(http.StatusOK).Into(&entry)
		if entry.Publication != "published" || entry.Revision != 1 {
			t.Errorf("the office is %s with revision %d, want it published with 1", entry.Publication, entry.Revision)
		}

		again := awaitImport(t, s, upload(t, s, s.Prato, "", body).ID)
		if again.Rows != (api.ImportRows{Unchanged: 3}) {
			t.Errorf("importing the same again: %+v, want 3 unchanged", again.Rows)
		}
		var page api.ImportPage
		s.Do(apitest.Request{Path: importsPath + "?limit=1", Token: s.Prato}).Want(http.StatusOK).Into(&page)
		if page.Total != 2 || len(page.Items) != 1 || page.Items[0].ID != again.ID || page.NextCursor == "" {
			t.Errorf("the first page of imports is %+v, want the latest of 2", page)
		}
		var last api.ImportPage
		s.Do(apitest.Request{Path: importsPath + "?limit=1&cursor=" + page.NextCursor, Token: s.Prato}).Want(http.StatusOK).Into(&last)
		if len(last.Items) != 1 || last.Items[0].ID != started.ID || last.NextCursor != "" {
			t.Errorf("the second page of imports is %+v, want the first import", last)
		}
	})
}

func TestAReportSaysWhatIsWrongWithEachRow(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, s *apitest.Server) {
		s.WorkImports()
		body := ndjson(
			row("place", "sede", object{"title": text("Sede")}, true),
			row("place", "x", object{"titel": text("X"), "title": text("X")}, true),
			"{nonsense",
			object{"publisher": apitest.Publiacqua, "kind": "place", "key": "y", "document": object{"title": text("Y")}},
			row("shop", "z", object{"title": text("Z")}, true),
			row("office", "=1+1", object{"title": text("Formula")}, true),
			row("office", "'=1+1", object{"title": text("Formula")}, true),
		)
		id := upload(t, s, s.Prato, "", body).ID
		got := awaitImport(t, s, id)
		if got.State != "refused" || got.Rows != (api.ImportRows{Refused: 6, Held: 1}) {
			t.Errorf("the import is %+v, want it refused with 6 rows refused and 1 held", got)
		}
		want := []string{
			"1 held place sede",
			"2 refused place x [/titel unknown_field: There is no field “titel”.]",
			"3 refused   [ malformed: The JSON is wrong at byte 1.]",
			"4 refused place y [ forbidden: The key does not act for the publisher “publiacqua”.]",
			"5 refused shop z [/kind one_of: The value is not one of those allowed.]",
			"6 refused office =1+1 [ key: The key in the address is not valid: 1 to 128 characters of A-Z a-z 0-9 . _ ~ -]",
			"7 refused office '=1+1 [ key: The key in the address is not valid: 1 to 128 characters of A-Z a-z 0-9 . _ ~ -]",
		}
		lines := report(t, s, id, "?lang=en")
		for i, line := range lines {
			lines[i] = strings.TrimSpace(line)
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("report mismatch (-want +got):\n%s", diff)
		}
		if got := report(t, s, id, "?lang=it")[1]; !strings.Contains(got, "Non esiste") && !strings.Contains(got, "campo") {
			t.Errorf("the report in Italian says %q", got)
		}
		a := s.Do(apitest.Request{Path: importsPath + "/" + id + "/report?format=ndjson&lang=en", Token: s.Prato}).Want(http.StatusOK)
		for i, line := range strings.Split(strings.TrimSpace(string(a.Body)), "\n") {
			var row api.ImportRow
			if err := json.Unmarshal([]byte(line), &row); err != nil || strings.TrimSpace(reportLine(row)) != want[i] {
				t.Errorf("line %d is %s, want %s", i+1, line, want[i])
			}
		}
		a = s.Do(apitest.Request{Path: importsPath + "/" + id + "/report?format=csv&lang=en", Token: s.Prato}).Want(http.StatusOK)
		table, err := csv.NewReader(strings.NewReader(string(a.Body))).ReadAll()
		if err != nil || len(table) != 8 {
			t.Fatalf("the table has %d rows, want 8: %v", len(table), err)
		}
		if !strings.HasPrefix(string(a.Body), "row,kind,key,outcome,pointer,rule,message,expected\r\n") {
			t.Errorf("the lines of the table do not end as RFC 4180 says: %.100q", a.Body)
		}
		if diff := cmp.Diff([]string{"row", "kind", "key", "outcome", "pointer", "rule", "message", "expected"}, table[0]); diff != "" {
			t.Errorf("header mismatch (-want +got):\n%s", diff)
		}
		for i, want := range []string{"'=1+1", "''=1+1"} {
			if got := table[6+i][2]; got != want {
				t.Errorf("a key that looks like a formula is %q, want %q", got, want)
			}
		}
	})
}

func TestAReportThatCannotBeReadToItsEndIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, s *apitest.Server) {
		s.WorkImports()
		id := upload(t, s, s.Prato, "", ndjson(row("place", "sede", object{"title": text("Sede")}, true))).ID
		awaitImport(t, s, id)
		storetest.Exec(t, s.Store, "UPDATE import_reports SET rows = rows || '{'")
		path := importsPath + "/" + id + "/report?format="
		s.Do(apitest.Request{Path: path + "csv", Token: s.Prato}).Want(http.StatusInternalServerError).Problem() // nothing of it was sent yet
		for _, format := range []string{"json", "ndjson"} {
			r, err := http.NewRequest(http.MethodGet, s.URL+path+format, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+s.Prato)
			if a, err := s.Client.Do(r); err == nil {
				a.Body.Close()
				t.Errorf("%s: got a whole answer with status %d, want one that breaks off", format, a.StatusCode)
			}
		}
		if got := strings.Count(s.Logs(), `"msg":"request failed"`); got < 3 { // clients ask again where nothing came
			t.Errorf("the log tells of %d failures, want 3 at least", got)
		}
	})
}

func TestAnImportMayReplaceWhatIsInNoRow(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, s *apitest.Server) {
		s.WorkImports()
		places := func(n int) string {
			var rows []any
			for i := range n {
				rows = append(rows, row("place", fmt.Sprint("p", i), object{"title": text(fmt.Sprint("Luogo ", i))}, true))
			}
			return ndjson(rows...)
		}
		awaitImport(t, s, upload(t, s, s.Prato, "", places(10)).ID)
		s.Put(s.Prato, "/v1/publishers/prato-comune/offices/o?publish=true", object{"title": text("Ufficio")}).Want(http.StatusCreated)

		got := awaitImport(t, s, upload(t, s, s.Prato, "?mode=replace", places(7)).ID)
		if got.State != "refused" || got.Reason == nil || got.Rows != (api.ImportRows{}) {
			t.Errorf("replacing 3 of 10: %+v, want it refused with a reason", got)
		}
		got = awaitImport(t, s, upload(t, s, s.Prato, "?mode=replace&dryRun=true&confirm=true", places(7)).ID)
		if got.Rows != (api.ImportRows{Unchanged: 7, Archived: 3}) || !got.DryRun {
			t.Errorf("trying it with a confirmation: %+v, want 3 archived", got)
		}
		s.Get("/v1/places/luogo-9").Want(http.StatusOK)
		if got := awaitImport(t, s, upload(t, s, s.Prato, "?mode=replace&confirm=true", places(7)).ID); got.Rows != (api.ImportRows{Unchanged: 7, Archived: 3}) {
			t.Errorf("replacing with a confirmation: %+v, want 3 archived", got)
		}
		var own api.Entry
		s.Do(apitest.Request{Path: "/v1/publishers/prato-comune/places/p9", Token: s.Prato}).Want(http.StatusOK).Into(&own)
		if own.Publication != "archived" {
			t.Errorf("what is in no row is %s, want archived", own.Publication)
		}
		s.Get("/v1/offices/ufficio").Want(http.StatusOK)
		if got := awaitImport(t, s, upload(t, s, s.Prato, "", places(10)).ID); got.Rows != (api.ImportRows{Unchanged: 7, Updated: 3}) {
			t.Errorf("what was archived comes again: %+v, want 3 updated", got)
		}
	})
}

func TestUploadsThatAreRefused(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		writer := s.Key(apitest.Prato, identity.Write)
		body := ndjson(row("place", "p", object{"title": text("P")}, false))
		for name, tt := range map[string]struct {
			token, query, mediaType, body string
			status                        int
		}{
			"no key":                       {"", "", "application/x-ndjson", body, http.StatusUnauthorized},
			"another publisher's key":      {s.Publiacqua, "", "application/x-ndjson", body, http.StatusForbidden},
			"to publish without the scope": {writer, "?publish=true", "application/x-ndjson", body, http.StatusForbidden},
			"to replace without the scope": {writer, "?mode=replace", "application/x-ndjson", body, http.StatusForbidden},
			"another media type":           {s.Prato, "", "application/pdf", body, http.StatusUnsupportedMediaType},
			"an unknown mode":              {s.Prato, "?mode=merge", "application/x-ndjson", body, http.StatusBadRequest},
			"nothing":                      {s.Prato, "", "application/x-ndjson", "", http.StatusBadRequest},
		} {
			request := upLoading(tt.token, tt.query, tt.body)
			request.Header["Content-Type"] = tt.mediaType
			if a := s.Do(request); a.Status != tt.status {
				t.Errorf("%s: got status %d, want %d: %s", name, a.Status, tt.status, a.Body)
			}
		}
		elsewhere := upLoading(s.Admin, "", body)
		elsewhere.Path = "/v1/publishers/nessuno/imports"
		s.Do(elsewhere).Want(http.StatusNotFound)

		head := "POST " + importsPath + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + s.Prato + "\r\nContent-Type: application/x-ndjson\r\nContent-Length: "
		if got := raw(t, s, head+"1073741825\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 413") {
			t.Errorf("an upload over 1 GiB: got %.100q, want 413", got)
		}
		if got := raw(t, s, head+"100000\r\n\r\n"+body); !strings.HasPrefix(got, "HTTP/1.1 400") {
			t.Errorf("an upload that is cut: got %.100q, want 400", got)
		}
		var page api.ImportPage
		s.Do(apitest.Request{Path: importsPath, Token: s.Prato}).Want(http.StatusOK).Into(&page)
		if page.Total != 0 {
			t.Errorf("there are %d imports, want none: %+v", page.Total, page.Items)
		}

		s.WorkImports()
		got := awaitImport(t, s, upload(t, s, writer, "", ndjson(row("place", "p", object{"title": text("P")}, true))).ID)
		if got.State != "refused" || got.Rows.Refused != 1 {
			t.Errorf("rows to publish without the scope: %+v, want them refused", got)
		}
	})
}

// raw sends bytes, says that there are no more, and returns the answer.
func raw(t *testing.T, s *apitest.Server, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 1<<16)
	n, _ := conn.Read(answer)
	return string(answer[:n])
}

func TestAnImportThatWasCancelledStoresNothing(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		id := upload(t, s, s.Prato, "", ndjson(row("place", "p", object{"title": text("P")}, true))).ID
		cancel := apitest.Request{Method: http.MethodPost, Path: importsPath + "/" + id + "/cancel", Token: s.Prato}
		var got api.Import
		s.Do(cancel).Want(http.StatusOK).Into(&got)
		if got.State != "cancelled" {
			t.Errorf("the import is %s, want cancelled", got.State)
		}
		s.Do(cancel).Want(http.StatusConflict)
		s.WorkImports()
		awaitImport(t, s, upload(t, s, s.Prato, "", ndjson(row("place", "q", object{"title": text("Q")}, true))).ID)
		s.Do(apitest.Request{Path: "/v1/publishers/prato-comune/places/p", Token: s.Prato}).Want(http.StatusNotFound)
		for _, path := range []string{"/nonsense", "/019aa2d1-0000-7000-8000-000000000000", "/019aa2d1-0000-7000-8000-000000000000/report"} {
			s.Do(apitest.Request{Path: importsPath + path, Token: s.Prato}).Want(http.StatusNotFound)
		}
	})
}

func TestOfManyFaultyRowsAllAreCountedAndTheFirstThousandExplained(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, s *apitest.Server) {
		s.WorkImports()
		const faulty = 10_000
		var rows []any
		for i := range faulty {
			rows = append(rows, row("place", fmt.Sprint("p", i), object{"titel": text("X")}, true))
		}
		rows = append(rows, row("place", "good", object{"title": text("Buono")}, true))
		id := upload(t, s, s.Prato, "", ndjson(rows...)).ID
		got := awaitImport(t, s, id)
		if got.State != "done" || got.Rows != (api.ImportRows{Created: 1, Refused: faulty}) {
			t.Errorf("the import is %+v, want 1 created and %d refused", got, faulty)
		}
		var all api.ImportReport
		s.Do(apitest.Request{Path: importsPath + "/" + id + "/report", Token: s.Prato}).Want(http.StatusOK).Into(&all)
		explained := 0
		for _, row := range all.Items {
			if len(row.Errors) > 0 {
				explained++
			}
		}
		if len(all.Items) != faulty+1 || explained != 1000 {
			t.Errorf("the report has %d rows of which %d are explained, want %d and 1000", len(all.Items), explained, faulty+1)
		}
	})
}
