// Package relevance judges the search: it holds queries as residents, counter staff and users of the portal put them,
// each with the entries of the demonstration that deserve to be found, graded by someone who read them all, and it
// measures what a search answers. How the search works is not known here: it is handed in as a function.
package relevance

import (
	"cmp"
	_ "embed" // for the queries
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

//go:embed queries.json
var queries []byte

// The grades of an entry for a query. An entry that is not named has none, which counts as zero.
const (
	Useful = 1 // somewhat useful: a neighbouring matter, or the page of a past year
	Good   = 2 // a good answer
	Wanted = 3 // what the person wants
)

// Depth is how many entries of an answer NDCG looks at: what fits on a first page.
const Depth = 10

// worst is how many of the queries that went badly a Score names.
const worst = 5

// shown is how many of the entries that came first a Report shows of a query that went badly.
const shown = 3

// Query is what a person types, and what they should find.
type Query struct {
	Query    string           `json:"query"`
	Class    string           `json:"class"`              // the difficulty it stands for, such as "typo"
	Lang     lang.Tag         `json:"lang"`               // of the reader
	Kinds    []catalogue.Kind `json:"kinds,omitempty"`    // among which to search; empty for all
	Relevant map[string]int   `json:"relevant"`           // grades by "kind:publisher/key"; empty if nothing serves the query
	Complete bool             `json:"complete,omitempty"` // the person is still typing, and wants suggestions
}

// Load returns the judged queries, those of a class together.
func Load() []Query {
	var all []Query
	if err := json.Unmarshal(queries, &all); err != nil {
		panic(fmt.Errorf("queries.json: %w", err)) // embedded: a mistake of ours
	}
	return all
}

// NDCG is the normalised discounted cumulated gain of an answer, best entry first, between 0 and 1:
//
//	DCG = Σ (2^gradeᵢ − 1) / log₂(i + 1), for the ranks i = 1 … [Depth]
//
// divided by the DCG of the best possible answer. An entry that comes again gains nothing more, but takes up its
// rank. It is 0 if nothing is relevant.
//
// The measure is that of K. Järvelin and J. Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM
// Transactions on Information Systems 20(4), 2002, with the gain and the discount, steeper in the grades and from the
// first rank on, of C. Burges et al., Learning to rank using gradient descent, ICML 2005.
func NDCG(relevant map[string]int, answer []string) float64 {
	ideal := make([]int, 0, len(relevant))
	for _, grade := range relevant {
		ideal = append(ideal, grade)
	}
	slices.Sort(ideal)
	slices.Reverse(ideal)
	best := dcg(ideal)
	if best == 0 {
		return 0
	}

	grades := make([]int, len(answer))
	for i, key := range answer {
		if !slices.Contains(answer[:i], key) {
			grades[i] = relevant[key]
		}
	}
	return dcg(grades) / best
}

// dcg is the discounted cumulated gain of entries with these grades, in their order.
func dcg(grades []int) float64 {
	sum := 0.0
	for i, grade := range grades[:min(len(grades), Depth)] {
		sum += (math.Exp2(float64(grade)) - 1) / math.Log2(float64(i)+2)
	}
	return sum
}

// ReciprocalRank is 1/i, where i is the rank of the first entry of the answer that is Good or better, and 0 if there
// is none. Its mean over queries is the MRR (E. Voorhees, The TREC-8 question answering track report, 1999).
func ReciprocalRank(relevant map[string]int, answer []string) float64 {
	for i, key := range answer {
		if relevant[key] >= Good {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// Miss is a query whose answer could be better.
type Miss struct {
	Query  Query
	NDCG   float64
	Answer []string
}

// Score sums up the queries of a class.
type Score struct {
	Class string

	Served   int     // queries that an entry serves
	NDCG     float64 // mean over them
	MRR      float64 // mean over them
	Unserved int     // queries that no entry serves
	// Precision is the share of these that were rightly answered with nothing.
	Precision float64

	Worst []Miss // the worst answers, worst first, without those that are perfect
}

// Report says how well a search did.
type Report struct {
	Overall Score   // without Worst
	Classes []Score // in the order of the queries
}

// Judge asks search every query and measures its answers, keys as in Query.Relevant with the best first.
func Judge(queries []Query, search func(Query) []string) Report {
	report := Report{Overall: Score{Class: "overall"}}
	for _, q := range queries {
		i := slices.IndexFunc(report.Classes, func(s Score) bool { return s.Class == q.Class })
		if i < 0 {
			i = len(report.Classes)
			report.Classes = append(report.Classes, Score{Class: q.Class})
		}
		answer := search(q)
		report.Classes[i].add(q, answer)
		report.Overall.add(q, answer)
	}

	report.Overall.finish()
	report.Overall.Worst = nil
	for i := range report.Classes {
		report.Classes[i].finish()
	}
	return report
}

// add counts an answer; until finish, the means are sums.
func (s *Score) add(q Query, answer []string) {
	miss := Miss{Query: q, Answer: answer}
	perfect := len(answer) == 0
	if len(q.Relevant) == 0 {
		s.Unserved++
		if perfect {
			s.Precision++
		}
	} else {
		miss.NDCG = NDCG(q.Relevant, answer)
		s.Served++
		s.NDCG += miss.NDCG
		s.MRR += ReciprocalRank(q.Relevant, answer)
		perfect = miss.NDCG > 1-1e-9 // the ideal order, whatever the rounding
	}
	if !perfect {
		s.Worst = append(s.Worst, miss)
	}
}

// finish makes means of the sums, and keeps the worst answers.
func (s *Score) finish() {
	s.NDCG /= float64(max(s.Served, 1))
	s.MRR /= float64(max(s.Served, 1))
	s.Precision /= float64(max(s.Unserved, 1))
	slices.SortStableFunc(s.Worst, func(a, b Miss) int { return cmp.Compare(a.NDCG, b.NDCG) })
	s.Worst = s.Worst[:min(len(s.Worst), worst)]
}

// String shows the report as a table with a line per class, then by class the queries that went worst, each with what
// came first and its grades.
func (r Report) String() string {
	var b strings.Builder
	width := r.widest()
	line := func(class, queries, ndcg, mrr, precision string) {
		fmt.Fprintf(&b, "%-*s  %7s  %7s  %5s  %9s\n", width, class, queries, ndcg, mrr, precision)
	}
	line("class", "queries", "nDCG@10", "MRR", "no answer")
	for _, s := range append(slices.Clone(r.Classes), r.Overall) {
		line(s.Class, strconv.Itoa(s.Served+s.Unserved), mean(s.NDCG, s.Served), mean(s.MRR, s.Served), mean(s.Precision, s.Unserved))
	}

	for _, s := range r.Classes {
		if len(s.Worst) > 0 {
			fmt.Fprintf(&b, "\n%s\n", s.Class)
		}
		for _, m := range s.Worst {
			fmt.Fprintf(&b, "  %.3f  %q: %s\n", m.NDCG, m.Query.Query, m.first())
		}
	}
	return b.String()
}

// widest is the width of the first column.
func (r Report) widest() int {
	width := len("overall")
	for _, s := range r.Classes {
		width = max(width, utf8.RuneCountInString(s.Class))
	}
	return width
}

// mean writes a mean over count queries.
func mean(value float64, count int) string {
	if count == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f", value)
}

// first writes what came first, with its grades.
func (m Miss) first() string {
	if len(m.Answer) == 0 {
		return "nothing"
	}
	came := make([]string, min(len(m.Answer), shown))
	for i := range came {
		came[i] = fmt.Sprintf("%s (%d)", m.Answer[i], m.Query.Relevant[m.Answer[i]])
	}
	if more := len(m.Answer) - len(came); more > 0 {
		came = append(came, fmt.Sprintf("%d more", more))
	}
	return strings.Join(came, ", ")
}
