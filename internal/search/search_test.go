package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// doc is a document in Italian: "title | summary | body | keyword | alternative title".
func doc(ordinal uint32, texts string) search.Document {
	d := search.Document{Ordinal: ordinal, ID: fmt.Sprintf("%08d", ordinal)}
	classes := []search.Class{search.Title, search.Summary, search.Body, search.Keyword, search.AlternativeTitle}
	for i, text := range strings.Split(texts, "|") {
		if text = strings.TrimSpace(text); text != "" {
			d.Fields = append(d.Fields, search.Field{Class: classes[i], Lang: lang.Italian, Text: text})
		}
	}
	return d
}

func index(docs ...search.Document) *search.Index {
	b := search.NewBuilder()
	for _, d := range docs {
		b.Put(d)
	}
	return b.Index()
}

func ordinals(hits []search.Hit) []uint32 {
	var all []uint32
	for _, h := range hits {
		all = append(all, h.Ordinal)
	}
	return all
}

func find(x *search.Index, text string) search.Result {
	return x.Search(search.Query{Text: text, Limit: 10, Marks: true, Matches: true})
}

func TestAWordFindsItsForms(t *testing.T) {
	for _, c := range []struct{ name, text, query string }{
		{"plural", "Multe", "multa"},
		{"verb and noun", "Cambio di residenza", "cambiare residenza"},
		{"noun and verb", "Cambiare residenza", "cambio residenza"},
		{"irregular", "Iscrizione al nido", "iscrivere il figlio al nido"},
		{"participle", "Rinnovo della patente nautica", "rinnovata patente nautica"},
		{"paying", "Pagamento dei tributi", "pagare i tributi"},
		{"asking", "Richiedere un rimborso", "richiesta rimborso"},
		{"denouncing", "Denuncia di cessione", "denunciare cessione"},
		{"disposal", "Smaltimento amianto", "smaltire amianto"},
		{"elision", "Sede dell'anagrafe", "anagrafe"},
		{"elision in the query", "Anagrafe", "all'anagrafe"},
		{"typographic apostrophe", "Carta d’identità", "carta d'identita"},
		{"no apostrophe", "Carta d'identità", "carta didentità"},
		{"accent missing", "Attività rumorosa", "attivita rumorosa"},
		{"accent too many", "Attivita rumorosa", "attività rumorosa"},
		{"decomposed accent", "Attività rumorosa", "attivita\u0300 rumorosa"},
		{"case", "TARI", "tari"},
		{"points of an acronym", "SO.RI. S.p.A.", "sori spa"},
		{"points in the query", "SORI", "so.ri."},
		{"code", "Modello F24", "f24"},
		{"code with hyphen", "Modello F24", "F-24"},
		{"number", "Modello 730", "730"},
		{"act", "D.Lgs. 33/2013", "dlgs 33/2013"},
		{"number of an act", "Legge 104/1992", "legge 104"},
		{"resolution", "Alloggi | | DGC 302 del 2025", "DGC 302"},
		{"thousands", "Vendita oltre 2.500 mq", "2500 mq"},
		{"short name that is a stop word", "App IO", "app IO"},
		{"name of stop words alone", "Noi", "noi"},
		{"full-width letters", "ZTL", "ＺＴＬ"},
		{"last word unfinished", "Biblioteca comunale", "bibliot"},
		{"written as two", "Scuolabus", "scuola bus"},
		{"question", "Tassa rifiuti", "dove posso pagare la tassa rifiuti?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := index(doc(1, c.text), doc(2, "Unioni civili | Celebrazione"))
			if got := ordinals(find(x, c.query).Hits); !slices.Equal(got, []uint32{1}) {
				t.Errorf("%q finds %v in %q, want [1]", c.query, got, c.text)
			}
		})
	}
}

func TestWhatMatchesNothingFindsNothing(t *testing.T) {
	x := index(
		doc(1, "Somministrazione di alimenti | Bar e ristoranti | Anche la pizza da asporto"),
		doc(2, "Voto assistito | Elezioni"), doc(3, "Piazza del mercato"), doc(4, "Carta d'identità"),
		doc(5, "Come chiedere un alloggio"),
	)
	for _, q := range []string{
		"pizza margherita", "volo per londra", "ricetta tiramisù", "", " ", "come", "il", "carta astronautica", "?!", "👍",
		"\x00\x01", "a", "come posso fare",
	} {
		if r := find(x, q); len(r.Hits) > 0 || r.Total > 0 || r.DidYouMean != "" {
			t.Errorf("%q finds %v (didYouMean %q), want nothing", q, ordinals(r.Hits), r.DidYouMean)
		}
	}
}

func TestOnlyUnknownWordsAreCorrected(t *testing.T) {
	x := index(doc(1, "Cambio di residenza"), doc(2, "Tessera elettorale"), doc(3, "Multa"), doc(4, "Molta pazienza"), doc(5, "Carta d'identità"))
	for _, c := range []struct {
		query, mean string
		want        []uint32
	}{
		{"residenza", "", []uint32{1}},
		{"resdienza", "residenza", []uint32{1}}, // two neighbours swapped
		{"residensa", "residenza", []uint32{1}},
		{"risidensa", "residenza", []uint32{1}}, // two edits from eight letters
		{"cambio resdienza", "cambio residenza", []uint32{1}},
		{"tesera eletorale", "tessera elettorale", []uint32{2}},
		{"multa", "", []uint32{3}}, // known, though near another
		{"molta", "", []uint32{4}},
		{"caarta didentita", "carta didentita", []uint32{5}},
		{"idnetita", "identità", []uint32{5}}, // as people write it
		{"mlt", "", nil},                      // too short
		{"rsdnz", "", nil},
	} {
		r := find(x, c.query)
		if got := ordinals(r.Hits); !slices.Equal(got, c.want) || r.DidYouMean != c.mean {
			t.Errorf("%q finds %v and means %q, want %v and %q", c.query, got, r.DidYouMean, c.want, c.mean)
		}
	}
}

func TestSynonymsAreReplaced(t *testing.T) {
	b := search.NewBuilder()
	for _, d := range []search.Document{doc(1, "Polizia municipale"), doc(2, "Rifiuti ingombranti"), doc(3, "Vigili del fuoco")} {
		b.Put(d)
	}
	if err := b.SetSynonyms([]search.SynonymSet{
		{Lang: "it", From: []string{"vigili"}, To: []string{"polizia municipale"}},
		{Lang: "it", Terms: []string{"monnezza", "rifiuti", "robe vecchie"}},
	}); err != nil {
		t.Fatal(err)
	}
	before := b.Index()
	for _, c := range []struct {
		query string
		want  []uint32
	}{
		{"vigili", []uint32{3, 1}},
		{"polizia municipale", []uint32{1}}, // one way
		{"monnezza", []uint32{2}},
		{"robe vecchie", []uint32{2}}, // several words
		{"robe", nil},
		{"monneza", []uint32{2}}, // misspelt, and not in the index
	} {
		if got := ordinals(find(before, c.query).Hits); !slices.Equal(got, c.want) {
			t.Errorf("%q finds %v, want %v", c.query, got, c.want)
		}
	}
	if err := b.SetSynonyms(nil); err != nil {
		t.Fatal(err)
	}
	if got := ordinals(find(b.Index(), "monnezza").Hits); got != nil {
		t.Errorf("without synonyms, monnezza finds %v", got)
	}
	if got := ordinals(find(before, "monnezza").Hits); len(got) != 1 {
		t.Errorf("the index before finds %v, want what it found", got)
	}
}

func TestWrongSynonymsAreAllNamed(t *testing.T) {
	wrong := search.CheckSynonyms([]search.SynonymSet{
		{Lang: "it", Terms: []string{"a", "b"}},
		{Lang: "xx", Terms: []string{"uno", "due"}},
		{Lang: "it", Terms: []string{"uno"}},
		{Lang: "it", From: []string{"uno"}},
		{Lang: "it", Terms: []string{"casa", "casa"}},
		{Lang: "it", Terms: []string{"casa", "?"}},
		{Lang: "it", Terms: []string{"casa", "case"}, To: []string{"alloggio"}},
		{Lang: "it", Terms: []string{"casa", "cara vecchia casa rossa collina verde torre alta"}},
	})
	got := map[int]string{}
	for i, err := range wrong {
		got[i] = err.Error()
	}
	want := map[int]string{
		1: `"xx" is no language of the catalogue, expected one of [it en zh ro sq ur ar fr es de]`,
		2: `"uno" is alone: expected two terms or more`,
		3: "expected terms, or both from and to",
		4: `"casa" is there twice`,
		5: `"?" has no word that means something`,
		6: "it has terms and from or to: expected either terms, or from and to",
		7: `"cara vecchia casa rossa collina verde torre alta" has more than 6 words`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if wrong := search.CheckSynonyms(search.DefaultSynonyms()); len(wrong) > 0 {
		t.Error(wrong)
	}
	if n := len(search.DefaultSynonyms()); n < 150 {
		t.Errorf("%d sets of our own, want 150", n)
	}
}

func TestTheBestComesFirst(t *testing.T) {
	with := func(d search.Document, change func(*search.Document)) search.Document { change(&d); return d }
	for _, c := range []struct {
		name, query string
		docs        []search.Document
	}{
		{"title before keyword before body", "nido", []search.Document{doc(1, "Nido comunale"), doc(2, "Bambini | | | nido"), doc(3, "Retta | | Per il nido si paga")}},
		{"the whole title", "residenza", []search.Document{doc(1, "Residenza"), doc(2, "Attestato di residenza"), doc(3, "Permesso per la residenza temporanea")}},
		{"the whole alternative title", "cambio residenza", []search.Document{doc(1, "Dichiarazione anagrafica ||||Cambio di residenza"), doc(2, "Cambio di gestore per chi ha la residenza")}},
		{"words together", "carta famiglia", []search.Document{doc(1, "Sconti con la carta famiglia per tutti"), doc(2, "Famiglia numerosa e sconti su ogni carta")}},
		{"active before inactive", "nido", []search.Document{doc(1, "Nido"), with(doc(2, "Nido"), func(d *search.Document) { d.Inactive = true })}},
		{"online before not", "nido", []search.Document{with(doc(2, "Nido"), func(d *search.Document) { d.Online = true }), doc(1, "Nido")}},
		{"the word itself before one of its family", "iscrivere", []search.Document{doc(1, "Iscrivere alunni"), doc(2, "Iscrizione alunni")}},
		{"the exact word before a longer one", "post", []search.Document{doc(1, "Post scuola"), doc(2, "Posta certificata")}},
		{"office where one is asked for", "ufficio sport", []search.Document{with(doc(1, "Sport in città"), func(d *search.Document) { d.Kind = "office" }), doc(2, "Sport")}},
		{"equal ones by title", "nido", []search.Document{doc(9, "Nido Arcobaleno"), doc(1, "Nido Girasole")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []uint32
			for _, d := range c.docs {
				want = append(want, d.Ordinal)
			}
			docs := slices.Clone(c.docs)
			slices.Reverse(docs)
			docs = append(docs, doc(100, "Altro"), doc(101, "Ancora altro"))
			if got := ordinals(find(index(docs...), c.query).Hits); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", c.query, got, want)
			}
		})
	}
}

func TestLanguages(t *testing.T) {
	field := func(c search.Class, tag lang.Tag, text string) search.Field {
		return search.Field{Class: c, Lang: tag, Text: text}
	}
	x := index(
		search.Document{Ordinal: 1, Fields: []search.Field{
			field(search.Title, "it", "Tassa rifiuti"), field(search.Title, "en", "Waste taxes"), field(search.Title, "zh", "垃圾费"),
			field(search.Title, "ar", "الضريبة على النفايات"), field(search.Title, "ur", "کچرے کا ٹیکس"), field(search.Title, "sq", "Taksa e mbeturinave"),
			field(search.Title, "fr", "Taxe sur les ordures"), field(search.Title, "de", "Müllgebühren"), field(search.Title, "es", "Tasa de basuras"),
			field(search.Title, "ro", "Taxa pentru gunoi"), field(search.Body, "en", "A bicycle is no waste"),
		}},
		doc(2, "Unioni civili"),
	)
	for _, c := range []struct {
		tag   lang.Tag
		query string
		want  bool
	}{
		{"en", "waste tax", true},
		{"it", "waste taxes", true},   // titles are found in every language
		{"it", "bicycle", false},      // texts in the reader's and in Italian
		{"en", "bicycle", true},       //
		{"en", "tassa rifiuti", true}, //
		{"zh", "垃圾费", true},
		{"zh", "垃圾", true},
		{"zh", "圾", true}, // one character
		{"zh", "怎么交垃圾费", true},
		{"zh", "天气", false},
		{"it", "垃圾费", true},
		{"ar", "ضريبة النفايات", true},
		{"ur", "ٹیکس", true},
		{"ur", "کچرے ٹیکس", true},
		{"sq", "mbeturinave", true},
		{"fr", "ordures", true},
		{"de", "mullgebuhr", true},
		{"es", "basura", true},
		{"ro", "gunoi", true},
	} {
		r := x.Search(search.Query{Text: c.query, Lang: c.tag, Limit: 5})
		if got := len(r.Hits) == 1 && r.Hits[0].Ordinal == 1; got != c.want {
			t.Errorf("%s %q finds %v (didYouMean %q), want it found: %t", c.tag, c.query, ordinals(r.Hits), r.DidYouMean, c.want)
		}
	}
}

func TestWordsThatHadToGoAreSaid(t *testing.T) {
	x := index(doc(1, "Carta d'identità"), doc(2, "Tessera elettorale"), doc(3, "Pass"))
	r := find(x, "carta identità velocissimamente")
	if got := ordinals(r.Hits); !slices.Equal(got, []uint32{1}) || !slices.Equal(r.Dropped, []string{"velocissimamente"}) {
		t.Errorf("found %v and dropped %q", got, r.Dropped)
	}
	r = find(x, "tessera astronautica galattica")
	if len(r.Hits) > 0 || !slices.Equal(r.Suggestions, []string{"Tessera elettorale"}) {
		t.Errorf("found %v and suggested %q, want only a suggestion", ordinals(r.Hits), r.Suggestions)
	}
}

func TestMostOfAQuestionIsEnough(t *testing.T) {
	x := index(
		doc(1, "Matrimonio civile"), doc(2, "Iscrizione al nido"), doc(3, "Prestito bibliotecario | | I dati personali sono trattati dalla biblioteca"),
		doc(4, "Carta d'identità"), doc(5, "Permesso di rifare il bagno"), doc(6, "Edilizia libera"), doc(7, "Segnalazione guasti e perdite d'acqua"),
	)
	for _, c := range []struct {
		name, query string
		want        []uint32
	}{
		{"a sentence", "quanto tempo prima devo prenotare per sposarmi in comune?", []uint32{1}},
		{"words carried along", "buongiorno, mia figlia ha due anni e vorrei portarla al nido", []uint32{2}},
		{"the other way round", "si è rotto un tubo in strada, chi chiamo?", []uint32{7}},
		{"what has all comes first", "permesso per rifare il bagno", []uint32{5, 6}},
		{"what is done is no answer without what it is done to", "iscrizione astronautica", nil},
		{"a text mentions it", "prestiti personali", nil},
		{"a short query means all it says", "carta astronautica", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ordinals(find(x, c.query).Hits); !slices.Equal(got, c.want) {
				t.Errorf("%q finds %v, want %v", c.query, got, c.want)
			}
		})
	}
}

func TestFilterPageAndMatches(t *testing.T) {
	var docs []search.Document
	for i := range uint32(200) {
		docs = append(docs, doc(i, "Nido numero "+string(rune('a'+i%26))))
	}
	x := index(docs...)
	all := x.Search(search.Query{Text: "nido", Limit: 200, Matches: true})
	if all.Total != 200 || all.Matches.GetCardinality() != 200 || len(all.Hits) != 200 {
		t.Fatalf("total %d, matches %d, hits %d", all.Total, all.Matches.GetCardinality(), len(all.Hits))
	}
	var paged []uint32
	for offset := 0; offset < 200; offset += 30 {
		paged = append(paged, ordinals(x.Search(search.Query{Text: "nido", Offset: offset, Limit: 30}).Hits)...)
	}
	if diff := cmp.Diff(ordinals(all.Hits), paged); diff != "" {
		t.Errorf("pages (-all +paged):\n%s", diff)
	}
	some := x.Search(search.Query{Text: "nido", Limit: 5, Matches: true, Filter: roaring.BitmapOf(3, 7, 1000)})
	if some.Total != 2 || len(some.Hits) != 2 || some.Matches.GetCardinality() != 200 {
		t.Errorf("filtered: total %d, hits %v, matches %d", some.Total, ordinals(some.Hits), some.Matches.GetCardinality())
	}
	if none := x.Search(search.Query{Text: "nido", Limit: 5, Filter: roaring.New()}); none.Total != 0 || len(none.Hits) > 0 {
		t.Errorf("an empty filter leaves %v", none)
	}
	if beyond := x.Search(search.Query{Text: "nido", Limit: 5, Offset: 1 << 40}); len(beyond.Hits) > 0 || beyond.Total != 200 {
		t.Errorf("beyond the end: %d hits of %d", len(beyond.Hits), beyond.Total)
	}
}

func TestMarksAreSafe(t *testing.T) {
	long := strings.Repeat("parola ", 300) + `<script>alert("nido")</script> nido & asilo ` + strings.Repeat("dopo ", 300)
	x := index(doc(1, `Nido <b>"Arcobaleno"</b> & amici | | `+long), doc(2, "Sede dell'anagrafe"), search.Document{Ordinal: 3, Fields: []search.Field{{Class: search.Title, Lang: "zh", Text: "普拉托市垃圾费"}}})
	h := find(x, "nido").Hits[0]
	if want := `<mark>Nido</mark> &lt;b&gt;&#34;Arcobaleno&#34;&lt;/b&gt; &amp; amici`; h.Title != want {
		t.Errorf("title %s, want %s", h.Title, want)
	}
	if plain := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(h.Snippet); strings.ContainsAny(plain, "<>\"") || len(plain) > 400 ||
		!strings.Contains(h.Snippet, "<mark>nido</mark>") || !strings.HasPrefix(h.Snippet, "… ") || !strings.HasSuffix(h.Snippet, " …") {
		t.Errorf("snippet %q", h.Snippet)
	}
	if got := find(x, "anagrafe").Hits[0].Title; got != "Sede dell&#39;<mark>anagrafe</mark>" {
		t.Errorf("title %s", got)
	}
	if got := x.Search(search.Query{Text: "垃圾费", Lang: "zh", Limit: 1, Marks: true}).Hits[0].Title; got != "普拉托市<mark>垃圾费</mark>" {
		t.Errorf("title %s", got)
	}
}

func TestCodesCountWhereverTheyStand(t *testing.T) {
	x := index(doc(1, "Richiesta di certificati | | Si stampano al totem T-Serve"), doc(2, "Carta d'identità"))
	for query, want := range map[string][]uint32{"certificati T-Serve": {1}, "certificati t-serve": {1}, "certificati totem": nil} {
		if got := ordinals(find(x, query).Hits); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", query, got, want)
		}
	}
}

func TestEqualOnesComeInTheSameOrderOnEveryNode(t *testing.T) {
	ids := func(ordinals ...uint32) (all []string) {
		var docs []search.Document
		for i, ordinal := range ordinals {
			d := doc(ordinal, "Nido")
			d.ID = string(rune('a' + i))
			docs = append(docs, d)
		}
		for _, h := range find(index(docs...), "nido").Hits {
			all = append(all, string(rune('a'+slices.Index(ordinals, h.Ordinal))))
		}
		return all
	}
	for _, ordinals := range [][]uint32{{1, 2, 3, 4}, {4, 3, 2, 1}, {2, 4, 1, 3}} {
		if got := ids(ordinals...); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
			t.Errorf("with the ordinals %v: got %v, want the order of ids", ordinals, got)
		}
	}
}

func TestCompletions(t *testing.T) {
	d := theDemo()
	for _, c := range []struct {
		query string
		tag   lang.Tag
		want  string
	}{
		{"cart id", "it", "prato-s19"},
		{"id cart", "it", "prato-s19"},
		{"ca", "it", "prato-s19"},
		{"carta d", "it", "prato-s19"},
		{"CARTA D'ID", "it", "prato-s19"},
		{"carta didentita", "it", "prato-s19"},
		{"crata id", "it", "prato-s19"},
		{"nido", "it", "prato-s242"},
		{"iscr nid", "it", "prato-s242"},
		{"anagrafe n", "it", "prato-anagrafe-nord"},
		{"ztl res", "it", "ztl-residenti"},
		{"scuolab", "it", "prato-s16"},
		{"tassa rif", "it", "asm-tari-sportello"},
		{"spazzatura", "it", "alia-ecocentri"},
		{"id c", "en", "prato-s19"},
		{"bus t", "en", "at-biglietti"},
		{"身", "zh", "prato-s19"},
		{"公交车票", "zh", "at-biglietti"},
	} {
		var got []string
		seen := map[uint32]bool{}
		for _, found := range d.index.Complete(search.Query{Text: c.query, Lang: c.tag}) {
			got = append(got, d.rows[found.Ordinal].Key)
			if seen[found.Ordinal] {
				t.Errorf("%q gives %s twice", c.query, d.rows[found.Ordinal].Key)
			}
			seen[found.Ordinal] = true
		}
		if len(got) == 0 || len(got) > 10 || got[0] != c.want {
			t.Errorf("%q completes to %v, want %s first", c.query, got, c.want)
		}
	}
	got := d.index.Complete(search.Query{Text: "cart id", Limit: 1})
	if want := "<mark>Cart</mark>a d&#39;<mark>id</mark>entità"; len(got) != 1 || got[0].Highlight != want || got[0].Text != "Carta d'identità" {
		t.Errorf("cart id completes to %+v, want %s", got, want)
	}
	if got := d.index.Complete(search.Query{Text: "pizza margherita"}); len(got) > 0 {
		t.Errorf("pizza margherita completes to %v", got)
	}
}

func TestAnEmptyIndexFindsNothing(t *testing.T) {
	x := search.NewBuilder().Index()
	if r := find(x, "carta"); len(r.Hits) > 0 || x.Len() != 0 || len(x.Complete(search.Query{Text: "c"})) > 0 {
		t.Errorf("found %v", r)
	}
}

// worked is more than any query on the demonstration may cost, whatever it says.
const worked = 400_000

func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"carta d'identità", "cambio residenza", strings.Repeat("carta identità residenza ", 400), strings.Repeat("a", 10_000), strings.Repeat("ab ", 3000),
		"title:(foo AND bar*) OR [a TO z]~2^4", `.*(a+)+$\d{1,}`, "\x00\x01\x1b\xff\xfe", "\u202eمرحبا بالعالم\u202c", "👩‍👩‍👧‍👦 🏳️‍🌈", "e\u0301\u0301\u0301\u0301",
		"身份证怎么办理在哪里", strings.Repeat("垃圾身份", 2000), "come dove quando perché", "l'l'l'l'l'", "...---///", "1/2/3/4/5", "S.p.A.s.r.l.", "ﬁ ǅ ß İ", "٣٤ ۱۲",
	} {
		f.Add(seed)
	}
	x := theDemo().index
	f.Fuzz(func(t *testing.T, q string) {
		for _, tag := range []lang.Tag{"it", "en", "zh", "ar", "ur"} {
			r := x.Search(search.Query{Text: q, Lang: tag, Limit: 20, Marks: true, Matches: true, Explain: true})
			if r.Work > worked {
				t.Errorf("%q took %d steps", q, r.Work)
			}
			if len(r.Hits) > 20 || r.Total < len(r.Hits) || r.Matches != nil && r.Total != int(r.Matches.GetCardinality()) {
				t.Errorf("%q: %d hits of %d", q, len(r.Hits), r.Total)
			}
			for _, h := range r.Hits {
				for _, s := range []string{h.Title, h.Snippet} {
					if plain := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(s); strings.ContainsAny(plain, "<>") || !utf8.ValidString(s) {
						t.Errorf("%q marks %q", q, s)
					}
				}
			}
			if n := len(x.Complete(search.Query{Text: q, Lang: tag})); n > 10 {
				t.Errorf("%q has %d completions", q, n)
			}
		}
	})
}
