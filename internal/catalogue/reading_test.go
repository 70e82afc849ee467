package catalogue_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestSentencesEndWhereReadersStop(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"two", "Prenotare. Poi venire!", []string{"Prenotare.", "Poi venire!"}},
		{"article of a law", "Ai sensi dell'art. 35 del d.lgs. 33/2013. Poi basta.", []string{"Ai sensi dell'art. 35 del d.lgs. 33/2013.", "Poi basta."}},
		{"law in capitals", "Il D.P.R. 445/2000 vale. Il D.Lgs. Bassanini no.", []string{"Il D.P.R. 445/2000 vale.", "Il D.Lgs. Bassanini no."}},
		{"number and money", "Costa 1.250,50 euro. È il n. 3 di via G. Verdi.", []string{"Costa 1.250,50 euro.", "È il n. 3 di via G. Verdi."}},
		{"and so on, in the middle and at the end", "Bollette, ricevute, ecc. del gas. Foto, ecc. Poi il modulo.", []string{"Bollette, ricevute, ecc. del gas.", "Foto, ecc.", "Poi il modulo."}},
		{"time of day", "Aperto alle 8.30. Chiuso alle 13.", []string{"Aperto alle 8.30.", "Chiuso alle 13."}},
		{"people", "Il dott. Rossi e la sig.ra Bianchi. Loro.", []string{"Il dott. Rossi e la sig.ra Bianchi.", "Loro."}},
		{"several marks", "Davvero?! Sì... forse. Ecco…", []string{"Davvero?!", "Sì... forse.", "Ecco…"}},
		{"quotes and brackets", "Disse «vieni.» Poi (forse.) andò.", []string{"Disse «vieni.»", "Poi (forse.) andò."}},
		{"list", "Servono:\n- la foto;\n- il documento\n\nE basta", []string{"Servono:", "la foto;", "il documento", "E basta"}},
		{"numbered list", "1. Prenotare\n2) Venire\na) Pagare", []string{"Prenotare", "Venire", "Pagare"}},
		{"heading and wrapped line", "## Come fare\nVenire allo\nsportello.", []string{"Come fare", "Venire allo sportello."}},
		{"link, emphasis and bare addresses", "Vai **subito** su [la pagina](https://x.it/a.b). Scrivi a a.b@c.it.", []string{"Vai subito su la pagina.", "Scrivi a ."}},
		{"divider", "Uno\n\n---\n\nDue", []string{"Uno", "Due"}},
		{"nothing", " \n\t", nil},
	} {
		if diff := cmp.Diff(test.want, catalogue.Sentences(test.text)); diff != "" {
			t.Errorf("%s: Sentences mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestGulpeaseIsTheFormulaOfItsAuthors(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"one sentence of four words and nineteen letters", "Prenotare la carta online.", 89 + (300-10*22)/4},
		{"an elided article is a word", "L'anagrafe rilascia l'estratto.", 89 + (300-10*26)/5},
		{"two sentences", "Venire allo sportello del Comune. Portare una foto recente.", 89 + (600-10*50)/9},
		{"easy beyond the scale", "Vai lì.", 100},
		{"hard beyond the scale", strings.Repeat("precipitevolissimevolmente ", 30), 0},
		{"no words", "…", 100},
	} {
		if got := catalogue.Gulpease(test.text); got != min(test.want, 100) {
			t.Errorf("%s: Gulpease got %d, want %d", test.name, got, min(test.want, 100))
		}
	}
}

func TestHardTextsNameTheirHardestSentences(t *testing.T) {
	s := cataloguetest.Service()
	s.HowTo = lang.Of("Vieni. L'amministrazione procedente provvederà all'espletamento dell'istruttoria relativamente alla documentazione " +
		"complessivamente presentata dall'interessato congiuntamente alla dichiarazione sostitutiva di certificazione. Porta la foto.")
	for _, tag := range lang.Spoken {
		var messages []string
		var findings catalogue.Findings
		catalogue.Check(s, catalogue.LevelPortal, &findings)
		for _, f := range findings.In(tag) {
			if f.Severity != "advice" || f.Pointer != "/howTo/it" || !strings.Contains(f.Help, "rules.md#"+f.Rule) {
				t.Errorf("got finding %+v, want advice on the how to alone, with its help", f)
			}
			messages = append(messages, f.Rule+": "+f.Message+" "+f.Expected)
		}
		all := strings.Join(messages, "\n")
		for _, want := range []string{"readability: ", "«L'amministrazione procedente provvederà", "plain_words: ", "«espletamento»: svolgimento", "«congiuntamente»: insieme"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: got findings\n%s\nwant %q in them", tag, all, want)
			}
		}
	}
}

func TestWordsOfOfficesAreKnownInTheirForms(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"Si ottemperi alla norma.", "ottemperi"},
		{"Le istanze pervenute.", "istanze"},
		{"Ai sensi della legge.", "ai sensi"},
		{"Entro e non oltre lunedì.", "entro e non oltre"},
		{"NELLE MORE del rilascio.", "nelle more"},
		{"All'uopo si provveda.", "all uopo"},
		{"Previa prenotazione.", "previa prenotazione"},
		{"Il nulla osta.", "nulla osta"},
		{"Le previsioni del tempo.", ""},
		{"Una volta a settimana.", ""},
		{"In ordine alfabetico.", ""},
		{"Prenota e vieni con la foto.", ""},
	} {
		s := cataloguetest.Service()
		s.HowTo = lang.Of(test.text)
		var findings catalogue.Findings
		catalogue.Check(s, catalogue.LevelDraft, &findings)
		got := string(wording(findings, lang.Italian))
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: got findings %q, want the word %q", test.text, got, test.want)
		}
	}
}

func FuzzGulpease(f *testing.F) {
	for _, s := range []string{
		"", ".", "a.", "art. 1", "«Sì.» No", "- a\n- b", "1. x", "d.lgs.", "…", "a\u0301.", "[a](b) http://c.", "\xff.", "#\n##", "***", "A.B.C. D", "....... a",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := catalogue.Gulpease(s); got < 0 || got > 100 {
			t.Errorf("Gulpease(%q): got %d, want 0 to 100", s, got)
		}
		for _, sentence := range catalogue.Sentences(s) {
			if sentence == "" || sentence != strings.TrimSpace(sentence) {
				t.Errorf("Sentences(%q): got %q, want text without space around it", s, sentence)
			}
		}
	})
}
