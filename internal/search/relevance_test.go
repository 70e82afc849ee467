package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// Each line is a query and the keys of entries that must be found first, in any order; after ? they must be among the
// first five; an empty list must stay empty. A query may begin with a language.
const expected = `
carta d'identità = prato-s19
carta identità = prato-s19
carta d’identità = prato-s19
CARTA DIDENTITA = prato-s19
didentità carta = prato-s19
rinnovo carta di identità = prato-s19
come faccio a rinnovare la carta d'identità = prato-s19
cie = prato-s19
documento d'identità = prato-s19
carta identita elettronica = ? prato-s19 prato-old-627
cambio residenza = prato-s67
cambiare residenza = prato-s67
cambio di indirizzo = prato-s67
mi sono trasferito a prato = prato-s67
trasferimento residenza = prato-s67
ho cambiato casa = prato-s67
iscrivere il figlio al nido = prato-s242
iscrizione asilo nido = prato-s242
asilo nido = prato-s242
iscrizioni nidi = prato-s242
tassa sui rifiuti = prato-avv-871 asm-tari-sportello
sconto tari = prato-avv-871
riduzione tassa rifiuti = prato-avv-871
spazzatura = ? alia-ecocentri
rusco = ? alia-ecocentri
ritiro mobili vecchi = alia-ecocentri
dove butto il divano = alia-ecocentri
isola ecologica = alia-ecocentri
vestiti usati = alia-abiti-usati
multa = prato-s308
pagare una multa = prato-s308
contravvenzione = prato-s308
ricorso multa = prato-old-271
contestare una multa = prato-old-271
vigili = ? prato-polizia-municipale
vigili urbani = ? prato-polizia-municipale
polizia municipale = prato-polizia-municipale prato-pm-urp
certificato di nascita = prato-cert-online prato-s298
stato di famiglia = prato-s298
certificato di residenza = prato-s298
sposarsi = prato-s229
matrimonio civile = prato-s229
pubblicazioni di matrimonio = prato-s229
unione civile = prato-s232
cittadinanza italiana = prato-s329 prato-s170
cittadinanza per matrimonio = prato-s170
permesso di soggiorno = questura-prenotafacile pratomigranti-47
rinnovare il permesso di soggiorno = pratomigranti-47
idoneità alloggiativa = prato-s93
permesso ztl = ? prato-s369 ztl-residenti
ztl residenti = ztl-residenti
pass disabili = consiag-disabili
contrassegno invalidi = consiag-disabili
parcheggio disabili = ? prato-s100 consiag-disabili
passo carrabile = prato-s339
passo carraio = prato-s339
trasporti eccezionali = prato-s354
occupazione suolo pubblico = prato-s653
ponteggio = ? prato-s653
stemma del comune = prato-s167
tessera elettorale = prato-s205
ritirare la tessera elettorale = prato-s205
accesso agli atti = prato-s568
mensa scolastica = prato-s108
refezione = prato-s108
scuolabus = prato-s16
scuola bus = prato-s16
trasporto scolastico = prato-s16
assegno di maternità = prato-s85
bonus mamma = prato-s85
colonie feline = prato-s20
gatti randagi = prato-s20
rinuncia cane = prato-old-81
canile = prato-old-81
palestre = prato-s294
prenotare un campo da calcio = ? prato-s294
pacchetto scuola = prato-s247
bonus libri = prato-s247
buono scuola = prato-avv-865
trasporto sociale = prato-s111
sepoltura = prato-s196
funerale = ? prato-s196 prato-s191
ceneri = prato-s191
dispersione delle ceneri = prato-s191
voltura acqua = publiacqua-voltura
cambio intestatario acqua = publiacqua-voltura
allaccio acqua = publiacqua-allaccio
disdetta acqua = publiacqua-disdetta
lettura contatore = publiacqua-autolettura
autolettura = publiacqua-autolettura
perdita d'acqua = publiacqua-guasti
tubo rotto = publiacqua-guasti
analisi acqua = publiacqua-analisi
abbonamento autobus = at-biglietti
biglietto bus = at-biglietti
oggetti smarriti = at-smarriti
ho perso lo zaino sull'autobus = at-smarriti
contatore gas = centria-contatore
allaccio gas = centria-allacciamento
subentro luce = estra-subentro
mi hanno staccato la luce = estra-riattivazione
prestito libri = prato-s652
tessera biblioteca = ? prato-s652
biblioteca lazzerini = biblioteca-lazzerini
segnalare una buca = prato-segnalazioni
reclamo = ? prato-segnalazioni at-reclami-regione
doposcuola = prato-s251
lavori in casa = ? prato-s135
cila = prato-s135
scia = prato-s588
permesso di costruire = prato-s588
pratica edilizia = ? prato-s588
ambulante = prato-s616
bancarella al mercato = prato-s616
aprire un bar = prato-old-430
aprire un negozio = ? prato-p1385
case popolari = ? prato-s148 prato-bandocasa
alloggi erp = ? prato-s151 prato-s152 prato-s148
bando case popolari = ? prato-s148 prato-bandocasa
ospitare qualcuno in casa popolare = ? prato-s151
emergenza abitativa = prato-avv-880 prato-s654
sfratto = ? prato-avv-880 prato-s654
contributo affitto = prato-affitto-2019
bonus affitto = prato-affitto-2019
imu = sori-tributi
musica alta = ? prato-s325
vacanze anziani = prato-avv-848
senza fissa dimora = prato-s634
loculo = prato-s196
ufficio anagrafe = prato-anagrafe-centrale
anagrafe nord = prato-anagrafe-nord
urp = ? prato-urp
ufficio sport = prato-sport
sportello publiacqua = ? publiacqua-prato
dgc 302 = prato-avv-880
carta didentita = prato-s19
crata d'identità = prato-s19
carta d'idnetità = prato-s19
resdienza = prato-s67
residensa = prato-s67
certifcato di nascita = prato-cert-online prato-s298
matrimoni = prato-s229
matrimonoi = prato-s229
cittadinaza = prato-s329 prato-s170
abbonametno autobus = at-biglietti
spazatura = ? alia-ecocentri
biblotecha = ? biblioteca-lazzerini
permeso di sogiorno = questura-prenotafacile pratomigranti-47
tesera eletorale = prato-s205
contrasegno disabili = consiag-disabili
scoulabus = prato-s16
menza scolastica = prato-s108
cimitreo = ? prato-s196 prato-cimiteri-tariffe
multta = prato-s308
iscrizone asilo = prato-s242
voltrua acqua = publiacqua-voltura
en id card = prato-s19
en identity card = prato-s19
en how do I get an identity card = prato-s19
it identity card = prato-s19
en waste tax = prato-avv-871
en garbage = ? alia-ecocentri
en residence permit = questura-prenotafacile pratomigranti-47
en nursery enrolment = prato-s242
en kindergarten = prato-s242
en bus tickets = at-biglietti
en lost property = at-smarriti
en parking for disabled people = ? consiag-disabili prato-s100
en marriage = prato-s229
en fine = prato-s308
en school meals = prato-s108
en public housing = ? prato-s148 prato-bandocasa
en water leak = publiacqua-guasti
en change of address = prato-s67
en citizenship = prato-s329 prato-s170
en library = prato-s652
en voter card = prato-s205
zh 身份证 = prato-s19
zh 怎么办身份证 = prato-s19
zh 垃圾费 = ? prato-avv-871 asm-tari-sportello
zh 居留 = questura-prenotafacile pratomigranti-47
zh 托儿所 = prato-s242
zh 幼儿园报名 = prato-s242
zh 结婚 = prato-s229
zh 公交车票 = at-biglietti
zh 校车 = prato-s16
zh 罚单 = prato-s308
zh 摆摊 = prato-s616
zh 停车证 = consiag-disabili
zh 图书馆 = prato-s652
zh 入籍 = prato-s329 prato-s170
zh 水表 = ? publiacqua-autolettura publiacqua-riapertura
zh 公租房 = ? prato-s148
zh 丢了东西在公交车上 = at-smarriti
it 身份证 = prato-s19
pizza margherita =
volo per londra =
ricetta tiramisù =
ricetta della carbonara =
biglietti concerto vasco rossi =
noleggio barche =
meteo domani =
bollo auto =
patente nautica =
bitcoin =
quanto costa un iphone =
partita juventus =
treno per milano =
affittare una macchina =
medico di base =
visita dermatologica =
reddito di cittadinanza =
ristorante giapponese =
corso di yoga =
oroscopo leone =
farmacia di turno =
vendo bicicletta =
dentista =
pensione di vecchiaia =
assicurazione auto =
mutuo prima casa =
en pizza delivery =
en flight to london =
en guitar lessons =
zh 披萨 =
zh 机票 =
zh 天气预报 =
`

type expectation struct {
	query string
	lang  lang.Tag
	keys  []string
	five  bool
}

func expectations() []expectation {
	var all []expectation
	for line := range strings.Lines(strings.TrimSpace(expected) + "\n") {
		query, keys, _ := strings.Cut(line, " =")
		e := expectation{query: query, lang: lang.Italian, keys: strings.Fields(keys)}
		if tag, rest, ok := strings.Cut(query, " "); ok && lang.Known(lang.Tag(tag)) && tag == strings.ToLower(tag) {
			e.lang, e.query = lang.Tag(tag), rest
		}
		if len(e.keys) > 0 && e.keys[0] == "?" {
			e.five, e.keys = true, e.keys[1:]
		}
		all = append(all, e)
	}
	return all
}

func TestTheDemonstrationIsFound(t *testing.T) {
	d := theDemo()
	for _, e := range expectations() {
		t.Run(string(e.lang)+" "+e.query, func(t *testing.T) {
			r := d.index.Search(search.Query{Text: e.query, Lang: e.lang, Limit: 5})
			var found []string
			for _, h := range r.Hits {
				found = append(found, d.rows[h.Ordinal].Key)
			}
			if len(e.keys) == 0 {
				if len(found) > 0 {
					t.Errorf("found %v (didYouMean %q, dropped %q), want nothing", found, r.DidYouMean, r.Dropped)
				}
				return
			}
			first := found
			if !e.five {
				first = found[:min(len(found), len(e.keys))]
			}
			for _, key := range e.keys {
				if !slices.Contains(first, key) {
					t.Errorf("found %v (didYouMean %q, dropped %q), want %v first", found, r.DidYouMean, r.Dropped, e.keys)
					return
				}
			}
		})
	}
}
