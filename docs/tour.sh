#!/usr/bin/env bash
# The tour of README.md, with a check of every answer. It needs bash, curl and jq, and a server with the demo data:
#
#   go run ./cmd/catalogue serve --demo --keys-file demo-keys &
#   docs/tour.sh http://127.0.0.1:8080 demo-keys
#
# The address may come from BASE instead, the keys from MUNICIPALITY and UTILITY. Each run publishes an entry under a
# key of its own (or ENTRY) and takes it back, so the tour can be repeated. The first check that fails ends it.
#
# shellcheck disable=SC2016 # a dollar in single quotes is a variable of jq
set -euo pipefail

usage() {
  printf 'usage: %s BASE_URL KEYS_FILE\n       BASE=… MUNICIPALITY=… UTILITY=… %s\n' "$0" "$0" >&2
  exit 2
}
[ "$#" -le 2 ] || usage
base=${1:-${BASE:-}}
base=${base%/}
keys=${2:-}
[ -n "$base" ] || usage

# key NAME prints the token of a key in the keys file.
key() { awk -v name="$1" '$1 == name { print $2 }' "$keys"; }

if [ -n "$keys" ]; then
  [ -r "$keys" ] || { printf '%s: cannot read %s\n' "$0" "$keys" >&2; exit 2; }
  MUNICIPALITY=$(key municipality)
  UTILITY=$(key utility)
fi
if [ -z "${MUNICIPALITY:-}" ] || [ -z "${UTILITY:-}" ]; then usage; fi
entry=${ENTRY:-tour-$(date +%s)-$$}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# In files, so that no key is in the list of processes.
printf 'Authorization: Bearer %s\n' "$MUNICIPALITY" >"$work/municipality"
printf 'Authorization: Bearer %s\n' "$UTILITY" >"$work/utility"
json='Content-Type: application/json'
patch='Content-Type: application/merge-patch+json'

# ---- helpers

checks=0
request_line='(none yet)'
status=

stage() { printf '\n%s\n' "$1"; }

fail() {
  {
    printf '  FAILED: %s\n  request: %s\n  status: %s\n' "$1" "$request_line" "$status"
    head -c 2000 "$work/body"
    printf '\n'
  } >&2
  exit 1
}

# ask WANTED-STATUS METHOD PATH [CURL-ARGUMENT…] leaves the answer in $work/body, its headers in $work/head.
ask() {
  local wanted=$1 method=$2 path=$3
  shift 3
  request_line="$method $path"
  : >"$work/body"
  local -a how=(-X "$method")
  if [ "$method" = HEAD ]; then how=(--head); fi
  status=$(curl -sS --max-time 30 "${how[@]}" -D "$work/head" -o "$work/body" -w '%{http_code}' "$@" "$base$path") ||
    fail 'no answer'
  [ "$status" = "$wanted" ] || fail "want status $wanted"
  checks=$((checks + 1))
  printf '  ok  %s %s: %s\n' "$method" "${path%%cursor=*}" "$status"
}

# holds WHAT JQ-FILTER [JQ-ARGUMENT…]: the filter is true of the answer.
holds() {
  local what=$1 filter=$2
  shift 2
  jq -e "$@" "$filter" "$work/body" >/dev/null || fail "$what"
  checks=$((checks + 1))
  printf '  ok    %s\n' "$what"
}

# is WHAT GOT WANT
is() {
  [ "$2" = "$3" ] || fail "$1: got \"$2\", want \"$3\""
  checks=$((checks + 1))
  printf '  ok    %s\n' "$1"
}

value() { jq -r "$1" "$work/body"; }

# header NAME prints the value of a header of the answer, or nothing.
header() {
  awk -v name="$1" 'BEGIN { FS = ":" }
    tolower($1) == tolower(name) { sub(/^[^:]*:[ \t]*/, ""); sub(/[ \t\r]*$/, ""); print; exit }' "$work/head"
}

# ---- look up

stage '1. Lists, filters, fields'
ask 200 GET '/v1/services?category=6&online=true&status=active&fields=title,slug&limit=2'
holds 'two of several, with what was asked for and a cursor' \
  '(.items | length) == 2 and .total > 2 and (.items[0] | keys) == ["slug", "title"] and (.nextCursor | length) > 0'
first=$(value '.items[0].slug')
ask 200 GET "/v1/services?category=6&online=true&status=active&fields=title,slug&limit=2&cursor=$(value .nextCursor)"
holds 'the next page goes on behind the first' '(.items | length) > 0 and all(.items[]; .slug != $first)' --arg first "$first"
ask 400 GET '/v1/services?topic=anagraf&limit=0&lang=en'
holds 'every wrong parameter at once, with what was probably meant' \
  '(.errors | map(.parameter) | sort) == ["limit", "topic"] and any(.errors[]; .expected | contains("anagrafe"))'

stage '2. One service, in Italian and in English'
ask 200 GET '/v1/services/carta-d-identita'
holds 'the responsible office comes in full: contacts, place, address' \
  '.responsibleOffice | (.contacts | length) > 0 and (.places[0].address.city == "Prato")'
is 'the language of the answer' "$(header Content-Language)" it
ask 200 GET '/v1/services/carta-d-identita?lang=en'
holds 'labels in English, and where Italian had to be shown' \
  '.lang == "en" and .status.label == "Active" and .title == "Identity card" and any(.fallback[]; . == "/howTo")'
ask 200 GET '/v1/services/carta-d-identita?lang=*&fields=title'
holds 'all languages' '.title.it | length > 0'

stage '3. The ways to get it'
ask 200 GET '/v1/services/richiesta-certificati-anagrafici-e-storici'
holds 'digital ones first' '.connections | map(.digital) == (map(.digital) | sort | reverse) and .[0].type.code == "02.3"'
holds 'each says in full what it costs and how long it takes, and who says so' \
  'all(.connections[]; .sources.costs == "service" and (.costs | length) > 0 and .sources.processingTime == "connection"
     and (.processingTime.text | length) > 0)'
holds 'times differ from way to way' '([.connections[].processingTime.text] | unique | length) == 2'

stage '4. What leads where, and what is behind it'
ask 200 GET '/v1/services?channel=consiag-servizi-comuni/consiag-servizi-comuni-sportelli&free=false&fields=title,online&lang=en'
holds 'the services of a shared channel' '.total == 3 and ([.items[] | select(.online)] | length) == 1'
ask 200 GET '/v1/services?near=43.88,11.09'
holds 'no source of the demo states coordinates' '.total == 0'
ask 200 GET '/v1/services/richiesta-residenza?fields=procedures&expand=procedures'
holds 'the procedure itself, with its term and steps' \
  '.procedures | length == 1 and .[0].term.max == "P45D" and .[0].tacitConsent and (.[0].steps | length) == 3'

stage '5. Search, and complete what is being typed'
ask 200 GET '/v1/search?q=cambiare+residensa&facets=kind&limit=2'
holds 'a misspelt word is corrected, and the answer says to what' '.didYouMean == "cambiare residenza"'
holds 'the service comes first, with the words marked' \
  '.items[0] | .kind == "service" and .slug == "richiesta-residenza" and .highlights.title == "Richiesta <mark>residenza</mark>"'
holds 'the kinds add up to what was found' '.total > 2 and ([.facets.kind[].count] | add) == .total'
of=$(value '.facets.kind[] | select(.value == "procedure") | .count')
ask 200 GET '/v1/search?q=cambiare+residensa&facets=kind&kind=procedure'
holds 'choosing a kind gives what its count says, and leaves the counts as they were' \
  '.total == $of and (.facets.kind | length) > 1' --argjson of "$of"
ask 200 GET '/v1/search?q=CIE&limit=1'
holds 'an acronym stands for its words' '.items[0].slug == "carta-d-identita" and (has("didYouMean") | not)'
ask 200 GET '/v1/search?q=identity+card&lang=en&limit=1'
holds 'in English too' '.items[0] | .slug == "carta-d-identita" and .title == "Identity card"'
ask 200 GET '/v1/search?q=certificati+nascita+urgente&limit=1'
holds 'what the hits need not have is said' '.dropped == ["urgente"] and .total > 0'
ask 200 GET '/v1/search?q=tassa+aerei'
holds 'what nothing answers has no hits, but suggestions' '.total == 0 and .items == [] and (.suggestions | length) > 0'
ask 200 GET '/v1/services?q=residenza&online=true&sort=title&fields=title&facets=online'
holds 'a list takes the words beside its filters, and sorts as it is told' \
  '.total == (.facets.online[] | select(.value == "true") | .count) and ([.items[].title] | . == sort)'
ask 200 GET '/v1/autocomplete?q=id+cart'
holds 'words begin so, in any order, and nothing comes twice' \
  '.items[0].slug == "carta-d-identita" and (.items[0].highlight | startswith("<mark>Cart</mark>a"))
     and (.items | length) <= 10 and ([.items[].id] | length == (unique | length))'
ask 400 GET '/v1/search?facets=colore&lang=en'
holds 'what is missing and what is mistyped, at once' '(.errors | map(.parameter) | sort) == ["facets", "q"]'
ask 200 GET /v1/synonyms
holds 'the synonyms in force' '(.items | length) > 0 and all(.items[]; has("lang") and (has("terms") or has("from")))'
ask 403 PUT /v1/synonyms -H "@$work/municipality" -H "$json" --data-binary '{"items": []}'
holds 'only an admin puts others' '.type | endswith("#forbidden")'

stage '6. Nothing twice'
ask 200 HEAD '/v1/services/carta-d-identita'
ask 304 GET '/v1/services/carta-d-identita' -H "If-None-Match: $(header ETag)"

stage '7. The feed'
ask 200 GET '/v1/changes?after=0&limit=3'
holds 'positions without gaps' '[.items[].position] == [1, 2, 3] and .position == 3'

# ---- publish

stage '8. What is wrong with a document, all at once'
ask 200 POST /v1/validations -H "$json" -H 'Accept-Language: en' --data-binary @- <<'JSON'
{"kind": "service", "level": "publish", "document": {
  "title": {"en": "Parking permit"},
  "sumary": {"it": "Permesso per residenti"},
  "status": "actve",
  "costs": [{"amount": "22,21", "currency": "EUR"}],
  "responsibleOffice": "prato-comune/nessuno"}}
JSON
holds 'each finding has its place and its rule' \
  '.valid == false and (["/categories missing", "/costs/0/amount amount", "/responsibleOffice exists", "/status term",
     "/sumary unknown_field", "/title italian"] - [.findings[] | select(.severity == "error") | "\(.pointer) \(.rule)"]) == []'

stage '9. Publish: take a document, rename it, put it under a new key'
own=/v1/publishers/prato-comune/services
ask 200 GET "$own/prato-s19" -H "@$work/municipality"
jq '.document | .title.it = "Carta d'\''identità (prova)"' "$work/body" >"$work/document"
ask 201 PUT "$own/$entry?publish=true&note=Prova" -H "@$work/municipality" -H "$json" --data-binary "@$work/document"
holds 'published at once, as revision 1' '.publication == "published" and .draft == "clean" and .revision == 1'
slug=$(value .slug)
position=$(header Catalogue-Position)
etag=$(header ETag)
ask 200 GET "/v1/services/$slug" -H "Catalogue-Min-Position: $position"
holds 'you read your own write' '.key == $key' --arg key "$entry"
ask 200 GET "/v1/services?ids=$slug"
holds 'it is in the list' '.total == 1'

stage '10. The same again makes no revision'
ask 200 PUT "$own/$entry?publish=true" -H "@$work/municipality" -H "$json" --data-binary "@$work/document"
holds 'still revision 1' '.revision == 1'
is 'still the same version of the draft' "$(header ETag)" "$etag"

stage '11. Change a part of it, if nobody else did'
ask 200 PATCH "$own/$entry?publish=true" -H "@$work/municipality" -H "$patch" -H "If-Match: $etag" \
  --data-binary '{"title": {"en": "Identity card (trial)"}}'
holds 'revision 2' '.revision == 2'
ask 200 GET "/v1/services/$slug?lang=en"
holds 'the English title is shown' '.title == "Identity card (trial)" and all(.fallback[]; . != "/title")'
ask 412 PATCH "$own/$entry" -H "@$work/municipality" -H "$patch" -H "If-Match: $etag" --data-binary '{"title": {"en": null}}'
holds 'the version is no longer that one' '.type | endswith("#stale")'
ask 200 GET "/v1/services/$slug/revisions"
holds 'the history has both' '[.items[].number] == [2, 1] and .total == 2'
ask 200 GET "/v1/services/$slug/revisions/diff?from=1&to=2&lang=en"
holds 'and tells in what they differ' '.changes | length == 1 and .[0].pointer == "/title/en" and .[0].label == "Title (en)"'
ask 200 GET "/v1/services/$slug/revisions/1?lang=en"
holds 'the first is as it was' '.title == "Identity card" and .revision == 1'
ask 404 GET "/v1/services/$slug?asOf=2026-01-01"
ask 422 PATCH "$own/$entry?publish=true" -H "@$work/municipality" -H "$patch" --data-binary '{"minAge": 3}'
holds 'what changes the meaning of a public text needs a note' '.errors | map("\(.parameter) \(.rule)") == ["note note"]'

stage '12. When the Italian moves on'
ask 200 PATCH "$own/$entry?publish=true" -H "@$work/municipality" -H "$patch" --data-binary '{"title": {"it": "Carta elettronica (prova)"}}'
holds 'the publisher is advised' 'any(.findings[]; .pointer == "/title/en" and .rule == "outdated" and .severity == "advice")'
ask 200 GET "/v1/services/$slug?fields=title&lang=en"
holds 'readers are told' '.outdated == ["/title"]'
ask 200 PATCH "$own/$entry?publish=true&translations=checked" -H "@$work/municipality" -H "$patch" --data-binary '{}'
holds 'until somebody says that it is right as it stands' 'all(.findings[]; .rule != "outdated")'
ask 200 GET "/v1/services/$slug?fields=title&lang=en"
holds 'and then no more' 'has("outdated") | not'

stage '13. Withdraw it'
ask 200 POST "$own/$entry/transitions" -H "@$work/municipality" -H "$json" \
  --data-binary '{"transition": "withdraw", "reason": "Era una prova.", "replacedBy": "prato-comune/prato-s19"}'
holds 'withdrawn' '.publication == "withdrawn"'
ask 410 GET "/v1/services/$slug"
holds 'readers get the reason and what to use instead' \
  '.reason == "Era una prova." and (.replacedBy.url | endswith("/v1/services/carta-d-identita"))'
ask 200 GET "/v1/changes?after=$((position - 1))&limit=1000"
holds 'the feed tells all five' \
  '[.items[] | select(.key == $key) | .change] == ["published", "updated", "updated", "updated", "withdrawn"]' --arg key "$entry"
ask 204 DELETE "$own/$entry" -H "@$work/municipality"

stage '14. Nobody else can'
ask 403 PUT "$own/$entry" -H "@$work/utility" -H "$json" --data-binary "@$work/document"
holds 'forbidden' '.type | endswith("#forbidden")'
ask 401 PUT "$own/$entry" -H "$json" --data-binary "@$work/document"
holds 'unauthenticated' '.type | endswith("#unauthenticated")'

printf '\n%d checks passed\n' "$checks"
