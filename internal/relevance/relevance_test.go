package relevance_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/relevance"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestNDCG(t *testing.T) {
	graded := map[string]int{"a": 3, "b": 2, "c": 1}
	ideal := 7 + 3/math.Log2(3) + 1/math.Log2(4)
	eleven := map[string]int{}
	var keys []string
	for _, key := range strings.Split("abcdefghijk", "") {
		eleven[key] = 3
		keys = append(keys, key)
	}
	for _, test := range []struct {
		name     string
		relevant map[string]int
		answer   []string
		want     float64
	}{
		{"the best order", graded, []string{"a", "b", "c"}, 1},
		{"the best order, then others", graded, []string{"a", "b", "c", "x", "y"}, 1},
		{"the worst order", graded, []string{"c", "b", "a"}, (1 + 3/math.Log2(3) + 7/math.Log2(4)) / ideal},
		{"the best one alone", graded, []string{"a"}, 7 / ideal},
		{"another first", graded, []string{"x", "a"}, 7 / math.Log2(3) / ideal},
		{"the same twice", graded, []string{"a", "a", "b"}, (7 + 3/math.Log2(4)) / ideal},
		{"equal grades in any order", map[string]int{"a": 2, "b": 2}, []string{"b", "a"}, 1},
		{"others only", graded, []string{"x", "y"}, 0},
		{"nothing", graded, nil, 0},
		{"nothing relevant", nil, []string{"a"}, 0},
		{"the tenth", map[string]int{"a": 3}, strings.Split("123456789a", ""), 1 / math.Log2(11)},
		{"the eleventh", map[string]int{"a": 3}, append(strings.Split("123456789", ""), "x", "a"), 0},
		{"more relevant than ranks", eleven, keys, 1},
	} {
		if got := relevance.NDCG(test.relevant, test.answer); !near(got, test.want) {
			t.Errorf("%s: got %g, want %g", test.name, got, test.want)
		}
	}
}

func TestReciprocalRank(t *testing.T) {
	graded := map[string]int{"a": 3, "b": 2, "c": 1}
	for _, test := range []struct {
		name   string
		answer []string
		want   float64
	}{
		{"first", []string{"a", "b"}, 1},
		{"a good one is enough", []string{"b", "a"}, 1},
		{"a useful one is not", []string{"c", "b"}, 0.5},
		{"third", []string{"x", "c", "a"}, 1.0 / 3},
		{"none", []string{"x", "c"}, 0},
		{"nothing", nil, 0},
	} {
		if got := relevance.ReciprocalRank(graded, test.answer); !near(got, test.want) {
			t.Errorf("%s: got %g, want %g", test.name, got, test.want)
		}
	}
}

// few is a small set of queries with an answer to each.
var few = []struct {
	relevance.Query
	answer []string
}{
	{relevance.Query{Query: "carta", Class: "exact", Relevant: map[string]int{"service:p/a": 3}}, []string{"service:p/a", "service:p/b"}},
	{relevance.Query{Query: "crata", Class: "typo", Relevant: map[string]int{"service:p/a": 3}}, nil},
	{relevance.Query{Query: "citrà", Class: "typo", Relevant: map[string]int{"service:p/a": 2}}, []string{"service:p/b", "service:p/a"}},
	{relevance.Query{Query: "meteo", Class: "no_answer"}, nil},
	{relevance.Query{Query: "zzz", Class: "no_answer"}, []string{"service:p/a", "service:p/b", "service:p/c", "service:p/d"}},
}

func judgeFew() relevance.Report {
	var queries []relevance.Query
	for _, f := range few {
		queries = append(queries, f.Query)
	}
	return relevance.Judge(queries, func(q relevance.Query) []string {
		for _, f := range few {
			if f.Query.Query == q.Query {
				return f.answer
			}
		}
		return nil
	})
}

func TestJudgeTakesMeansByClassAndOverall(t *testing.T) {
	second := 1 / math.Log2(3)
	miss := func(i int, ndcg float64) relevance.Miss {
		return relevance.Miss{Query: few[i].Query, NDCG: ndcg, Answer: few[i].answer}
	}
	want := relevance.Report{
		Overall: relevance.Score{Class: "overall", Served: 3, NDCG: (1 + second) / 3, MRR: 0.5, Unserved: 2, Precision: 0.5},
		Classes: []relevance.Score{
			{Class: "exact", Served: 1, NDCG: 1, MRR: 1},
			{Class: "typo", Served: 2, NDCG: second / 2, MRR: 0.25, Worst: []relevance.Miss{miss(1, 0), miss(2, second)}},
			{Class: "no_answer", Unserved: 2, Precision: 0.5, Worst: []relevance.Miss{miss(4, 0)}},
		},
	}
	if diff := cmp.Diff(want, judgeFew(), cmp.Comparer(near)); diff != "" {
		t.Errorf("Report mismatch (-want +got):\n%s", diff)
	}
}

func TestJudgeOfNothing(t *testing.T) {
	got := relevance.Judge(nil, func(relevance.Query) []string { return nil })
	if diff := cmp.Diff(relevance.Report{Overall: relevance.Score{Class: "overall"}}, got); diff != "" {
		t.Errorf("Report mismatch (-want +got):\n%s", diff)
	}
}

func TestReportIsATableWithTheWorstQueries(t *testing.T) {
	want := `
class      queries  nDCG@10    MRR  no answer
exact            1    1.000  1.000          –
typo             2    0.315  0.250          –
no_answer        2        –      –      0.500
overall          5    0.544  0.500      0.500

typo
  0.000  "crata": nothing
  0.631  "citrà": service:p/b (0), service:p/a (2)

no_answer
  0.000  "zzz": service:p/a (0), service:p/b (0), service:p/c (0), 1 more
`
	if diff := cmp.Diff(want, "\n"+judgeFew().String()); diff != "" {
		t.Errorf("String mismatch (-want +got):\n%s", diff)
	}
}

func TestSearchThatKnowsTheGradesIsPerfect(t *testing.T) {
	report := relevance.Judge(relevance.Load(), func(q relevance.Query) []string {
		var answer []string
		for key := range q.Relevant {
			answer = append(answer, key)
		}
		slices.SortFunc(answer, func(a, b string) int { return q.Relevant[b] - q.Relevant[a] })
		return answer
	})
	for _, s := range append(report.Classes, report.Overall) {
		if (s.Served > 0 && (!near(s.NDCG, 1) || !near(s.MRR, 1))) || (s.Unserved > 0 && s.Precision != 1) || len(s.Worst) > 0 {
			t.Errorf("class %s: got %+v, want the best of each measure", s.Class, s)
		}
	}
}

// entries maps the keys of the demonstration, as judgements spell them, to their kinds.
func entries(t *testing.T) map[string]catalogue.Kind {
	t.Helper()
	found := map[string]catalogue.Kind{}
	rows := bufio.NewScanner(demo.Rows())
	for rows.Scan() {
		var row struct {
			Publisher, Key string
			Kind           catalogue.Kind
		}
		if err := json.Unmarshal(rows.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		found[string(row.Kind)+":"+row.Publisher+"/"+row.Key] = row.Kind
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestJudgementsNameEntriesOfTheDemonstration(t *testing.T) {
	known := entries(t)
	good := map[string]bool{}
	for _, q := range relevance.Load() {
		for key, grade := range q.Relevant {
			kind, ok := known[key]
			if !ok {
				t.Errorf("%q: there is no entry %s", q.Query, key)
			}
			if len(q.Kinds) > 0 && !slices.Contains(q.Kinds, kind) {
				t.Errorf("%q: %s is judged, but only %v are searched", q.Query, key, q.Kinds)
			}
			if grade < relevance.Useful || grade > relevance.Wanted {
				t.Errorf("%q: %s has the grade %d, want 1 to 3", q.Query, key, grade)
			}
			good[key] = good[key] || grade >= relevance.Good
		}
	}
	for key, kind := range known {
		if kind == catalogue.KindService && !good[key] {
			t.Errorf("no query wants %s", key)
		}
	}
}

func TestQueriesAreWellFormed(t *testing.T) {
	type asked struct {
		query    string
		tag      lang.Tag
		complete bool
		kinds    string
	}
	seen := map[asked]bool{}
	for _, q := range relevance.Load() {
		if strings.TrimSpace(q.Query) != q.Query || q.Query == "" {
			t.Errorf("%q is empty or has spaces around it", q.Query)
		}
		if !lang.Known(q.Lang) {
			t.Errorf("%q: language %q is not known", q.Query, q.Lang)
		}
		if q.Complete != (q.Class == "complete") {
			t.Errorf("%q of class %s: complete is %t", q.Query, q.Class, q.Complete)
		}
		for _, kind := range q.Kinds {
			if !slices.Contains(catalogue.Kinds, kind) {
				t.Errorf("%q: kind %q is not known", q.Query, kind)
			}
		}
		best := 0
		for _, grade := range q.Relevant {
			best = max(best, grade)
		}
		if q.Class == "no_answer" && best > 0 || q.Class != "no_answer" && best < relevance.Good {
			t.Errorf("%q of class %s: the best grade is %d", q.Query, q.Class, best)
		}
		self := asked{q.Query, q.Lang, q.Complete, fmt.Sprint(q.Kinds)}
		if seen[self] {
			t.Errorf("%q comes twice", q.Query)
		}
		seen[self] = true
	}
}

func TestSetHasQueriesOfEveryClass(t *testing.T) {
	all := relevance.Load()
	if len(all) < 220 {
		t.Errorf("%d queries, want 220 or more", len(all))
	}
	count := map[string]int{}
	for _, q := range all {
		count[q.Class]++
	}
	for _, class := range []string{
		"exact", "inflected", "synonym", "accents", "typo", "prefix", "operator", "conversational", "place", "english",
		"chinese", "complete", "no_answer",
	} {
		want := 15
		if class == "no_answer" {
			want = 25
		}
		if count[class] < want {
			t.Errorf("%d queries of class %s, want %d or more", count[class], class, want)
		}
		delete(count, class)
	}
	if len(count) > 0 {
		t.Errorf("classes %v are not known", count)
	}
}

func TestFileHasAQueryPerLineAndNoOtherField(t *testing.T) {
	data, err := os.ReadFile("queries.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var all []relevance.Query
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	if got, want := bytes.Count(data, []byte("\n")), len(all)+2; got != want { // the brackets have theirs
		t.Errorf("%d lines, want %d", got, want)
	}
}
