package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// family is a metric as a scrape tells it.
type family struct {
	kind   string
	help   string
	labels []string
}

// scrape is what a server measures, by the names that docs/operations.md has.
func scrape(t *testing.T, s *server) map[string]family {
	t.Helper()
	text := s.get("/metrics", "", http.StatusOK).body
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("the metrics cannot be read: %v", err)
	}
	families := map[string]family{}
	for name, f := range parsed {
		labels := map[string]bool{}
		for _, metric := range f.Metric {
			for _, label := range metric.Label {
				labels[label.GetName()] = true
			}
		}
		families[name] = family{strings.ToLower(f.GetType().String()), f.GetHelp(), slices.Sorted(maps.Keys(labels))}
	}
	return families
}

// series are the names under which Prometheus keeps families, with the labels of each.
func series(families map[string]family) map[string][]string {
	target := []string{"job", "instance"} // which Prometheus itself adds
	all := map[string][]string{"up": target}
	for name, f := range families {
		labels := slices.Concat(f.labels, target)
		if f.kind != strings.ToLower(dto.MetricType_HISTOGRAM.String()) {
			all[name] = labels
			continue
		}
		all[name+"_bucket"], all[name+"_sum"], all[name+"_count"] = append(labels, "le"), labels, labels
	}
	return all
}

// everythingMeasured is what a server measures that was used a little.
func everythingMeasured(t *testing.T) map[string]family {
	t.Helper()
	s := serve(t, "--database", migrated(t, storetest.SQLite))
	s.get("/v1/services", "", http.StatusOK)
	s.get("/v1/services/niente", "", http.StatusNotFound)
	var families map[string]family
	await(t, "a job is worked", func() bool {
		families = scrape(t, s)
		return families["catalogue_job_duration_seconds"].kind != ""
	})
	return families
}

func TestWhatOperatorsAreToldIsMeasured(t *testing.T) {
	t.Parallel()
	families := everythingMeasured(t)
	t.Run("the table of docs/operations.md", func(t *testing.T) {
		var want []string
		for _, name := range slices.Sorted(maps.Keys(families)) {
			if f := families[name]; strings.HasPrefix(name, "catalogue_") || strings.HasPrefix(name, "go_sql_") {
				want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", name, f.kind, strings.Join(f.labels, ", "), f.help))
			}
		}
		var got []string
		for line := range strings.Lines(read(t, "../../docs/operations.md")) {
			if strings.HasPrefix(line, "| `catalogue_") || strings.HasPrefix(line, "| `go_sql_") {
				got = append(got, strings.TrimSpace(line))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("docs/operations.md lists other metrics than the server has (-server +page); the rows should be\n%s\n%s",
				strings.Join(want, "\n"), diff)
		}
	})
	known := series(families)
	for name, expressions := range map[string]map[string]string{"alerts.yaml": alerts(t), "dashboard.json": panels(t)} {
		t.Run(name, func(t *testing.T) {
			if len(expressions) < 10 {
				t.Errorf("found %d expressions, want more", len(expressions))
			}
			for title, expression := range expressions {
				for _, wrong := range unknown(expression, known) {
					t.Errorf("%s: %s in %s", title, wrong, expression)
				}
			}
		})
	}
}

// alerts are the expressions of the alert rules, by their names.
func alerts(t *testing.T) map[string]string {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../docs/operations/alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" || rule.Annotations["action"] == "" {
				t.Errorf("%s has no severity, summary or action", rule.Alert)
			}
			found[rule.Alert] = rule.Expr
		}
	}
	return found
}

// panels are the expressions of the dashboard, by the titles of their panels.
func panels(t *testing.T) map[string]string {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "../../docs/operations/dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	found, ids := map[string]string{}, map[int]bool{}
	for _, panel := range dashboard.Panels {
		if ids[panel.ID] {
			t.Errorf("%s: another panel has the id %d, too", panel.Title, panel.ID)
		}
		ids[panel.ID] = true
		for _, target := range panel.Targets {
			// As Grafana fills them in.
			found[panel.Title+" "+target.RefID] = strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*").Replace(target.Expr)
		}
	}
	return found
}

// unknown says which metrics and labels of an expression there are not, or why it is none.
func unknown(expression string, known map[string][]string) (wrong []string) {
	parsed, err := metricsql.Parse(expression)
	if err != nil {
		return []string{err.Error()}
	}
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.MetricExpr:
			for _, filters := range e.LabelFilterss {
				name := filters[0].Value
				if known[name] == nil {
					wrong = append(wrong, fmt.Sprintf("there is no metric %q", name))
					continue
				}
				for _, filter := range filters[1:] {
					if !slices.Contains(known[name], filter.Label) {
						wrong = append(wrong, fmt.Sprintf("%s has no label %q", name, filter.Label))
					}
				}
			}
		case *metricsql.AggrFuncExpr:
			labels := labelsIn(e, known)
			for _, by := range e.Modifier.Args {
				if !slices.Contains(labels, by) {
					wrong = append(wrong, fmt.Sprintf("nothing that is aggregated has the label %q", by))
				}
			}
		}
	})
	return wrong
}

// labelsIn are the labels of all metrics in an expression.
func labelsIn(e metricsql.Expr, known map[string][]string) (labels []string) {
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		if metric, ok := e.(*metricsql.MetricExpr); ok {
			for _, filters := range metric.LabelFilterss {
				labels = append(labels, known[filters[0].Value]...)
			}
		}
	})
	return labels
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
