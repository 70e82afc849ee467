// Holds linked data against the profiles that it claims to follow, with parsers and an engine that are not ours:
//
//   node rdf.mjs SHAPES.ttl ONTOLOGY.ttl CONTEXT.jsonld FOLDER
//
// FOLDER has pairs NAME.ttl and NAME.jsonld. Both must say the same; no JSON-LD key may be one that the context does not
// know; the graph must obey the SHACL shapes, as two engines read them, and the OWL restrictions of the ontology, read as what has to be there.
// One line is written for each violation, then counts. The exit status is 1 if there is a violation.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import jsonld from 'jsonld';
import { DataFactory, Parser, Store, Writer } from 'n3';
import SHACLValidator from 'rdf-validate-shacl';
import { Validator as SHACLEngine } from 'shacl-engine';

const [shapesFile, ontologyFile, contextFile, folder] = process.argv.slice(2);
const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const rdfs = 'http://www.w3.org/2000/01/rdf-schema#';
const owl = 'http://www.w3.org/2002/07/owl#';
const xsd = 'http://www.w3.org/2001/XMLSchema#';

const parse = (text, options) => new Store(new Parser(options).parse(text));
const nquads = (store) => new Writer({ format: 'N-Quads' }).quadsToString(store.getQuads()).split('\n').filter(Boolean);
const iri = DataFactory.namedNode;

// restrictions are, by class, what the ontology says of the properties of its instances.
function restrictions(ontology) {
  const superclasses = new Map();
  const rules = new Map();
  const disjoint = [];
  const add = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);
  for (const { subject, object } of ontology.match(null, iri(rdfs + 'subClassOf'))) {
    if (subject.termType !== 'NamedNode') continue;
    if (object.termType === 'NamedNode') {
      add(superclasses, subject.value, object.value);
      continue;
    }
    const get = (name) => ontology.getObjects(object, iri(owl + name))[0];
    const of = (get('onClass') ?? get('onDataRange'))?.value;
    const property = get('onProperty').value;
    const rule = (least, most, only) => add(rules, subject.value, { property, of, least, most, only });
    const number = (name) => (get(name) ? Number(get(name).value) : undefined);
    if (get('someValuesFrom')) add(rules, subject.value, { property, of: get('someValuesFrom').value, least: 1 });
    if (get('allValuesFrom')) rule(undefined, undefined, get('allValuesFrom').value);
    for (const [least, most] of [
      [number('cardinality') ?? number('qualifiedCardinality'), number('cardinality') ?? number('qualifiedCardinality')],
      [number('minCardinality') ?? number('minQualifiedCardinality'), undefined],
      [undefined, number('maxCardinality') ?? number('maxQualifiedCardinality')],
    ]) {
      if (least !== undefined || most !== undefined) rule(least, most);
    }
  }
  for (const { subject, object } of ontology.match(null, iri(owl + 'disjointWith'))) disjoint.push([subject.value, object.value]);
  return { superclasses, rules, disjoint };
}

function withSuperclasses(classes, superclasses) {
  const all = new Set(classes);
  for (const c of all) for (const s of superclasses.get(c) ?? []) all.add(s);
  return all;
}

function isOf(store, term, of, superclasses) {
  if (of === undefined) return true;
  if (of === rdfs + 'Literal') return term.termType === 'Literal';
  if (of.startsWith(xsd)) return term.termType === 'Literal' && term.datatype.value === of;
  return withSuperclasses(store.getObjects(term, iri(rdf + 'type')).map((c) => c.value), superclasses).has(of);
}

const tally = {};
function checkRestrictions(store, { superclasses, rules, disjoint }, report) {
  const onto = 'https://w3id.org/italia/onto/CPSV/';
  for (const node of store.getSubjects(iri(rdf + 'type'))) {
    const classes = withSuperclasses(store.getObjects(node, iri(rdf + 'type')).map((c) => c.value), superclasses);
    for (const [a, b] of disjoint) if (classes.has(a) && classes.has(b)) report(`${node.value} is both ${a} and ${b}`);
    for (const c of classes) {
      for (const { property, of, least, most, only } of rules.get(c) ?? []) {
        const values = store.getObjects(node, iri(property));
        const fitting = values.filter((v) => isOf(store, v, of, superclasses)).length;
        const what = `${node.value} (${c}) has ${fitting} ${property}${of ? ` of ${of}` : ''}`;
        tally.restrictions = (tally.restrictions ?? 0) + 1;
        if (least !== undefined && fitting < least) report(`${what}, at least ${least} are needed`);
        if (most !== undefined && fitting > most) report(`${what}, at most ${most} are allowed`);
        if (only) for (const v of values) if (!isOf(store, v, only, superclasses)) report(`${node.value} ${property} ${v.value} is not of ${only}`);
      }
    }
    if (classes.has(onto + 'Service')) { // the general axiom of the ontology: who serves at a counter has an address
      const counter = store.getObjects(node, iri(onto + 'hasChannel')).some((v) => isOf(store, v, onto + 'OfflineChannel', superclasses));
      const somewhere = store.getObjects(node, iri(onto + 'isPhysicallyAvailableAt')).some((v) => isOf(store, v, 'https://w3id.org/italia/onto/CLV/Address', superclasses));
      if (counter && !somewhere) report(`${node.value} has an offline channel and no address`);
    }
  }
}

// checkTyped reports what the profiles' own properties lead to without saying what it is: code values have to be typed in
// the graph.
function checkTyped(store, report) {
  const own = ['http://data.europa.eu/m8g/', 'http://purl.org/vocab/cpsv#', 'https://w3id.org/italia/onto/'];
  for (const { predicate, object } of store) {
    if (object.termType !== 'NamedNode' || !own.some((ns) => predicate.value.startsWith(ns))) continue;
    if (store.countQuads(object, iri(rdf + 'type'), null) === 0) report(`${object.value}, to which ${predicate.value} leads, has no type`);
  }
}

const context = JSON.parse(await readFile(contextFile, 'utf8'));
const documentLoader = async (url) => {
  if (!url.endsWith('/v1/contexts/cpsv-ap.jsonld')) throw new Error(`the context is ${url}`);
  return { contextUrl: null, documentUrl: url, document: context };
};
const shapes = parse(await readFile(shapesFile, 'utf8'));
const validator = new SHACLValidator(shapes, {});
const engine = new SHACLEngine(shapes, { factory: { ...DataFactory, dataset: (quads) => new Store(quads) } });
const ontology = restrictions(parse(await readFile(ontologyFile, 'utf8')));

let violations = 0;
const names = (await readdir(folder)).filter((f) => f.endsWith('.ttl')).map((f) => f.slice(0, -4)).sort();
for (const name of names) {
  const report = (message) => {
    violations++;
    if (violations <= 100) console.log(`${name}: ${message}`);
  };
  try {
    const turtle = parse(await readFile(join(folder, name + '.ttl'), 'utf8'), { format: 'text/turtle' });
    const document = JSON.parse(await readFile(join(folder, name + '.jsonld'), 'utf8'));
    const other = parse(await jsonld.toRDF(document, { format: 'application/n-quads', documentLoader, safe: true }), { format: 'application/n-quads' });
    const [a, b] = [new Set(nquads(turtle)), new Set(nquads(other))];
    for (const line of [...a].filter((l) => !b.has(l)).slice(0, 3)) report(`only in Turtle: ${line}`);
    for (const line of [...b].filter((l) => !a.has(l)).slice(0, 3)) report(`only in JSON-LD: ${line}`);
    const result = await validator.validate(turtle);
    for (const r of result.results) report(`SHACL: ${r.focusNode?.value} ${r.path?.value ?? ''} ${r.sourceConstraintComponent?.value} ${r.value?.value ?? ''}`);
    const second = await engine.validate({ dataset: turtle });
    for (const r of second.results) report(`SHACL, the second engine: ${r.focusNode?.value} ${r.constraintComponent?.value} ${r.value?.value ?? ''}`);
    checkRestrictions(turtle, ontology, report);
    checkTyped(turtle, report);
    tally.triples = (tally.triples ?? 0) + turtle.size;
    for (const { object: c } of turtle.match(null, iri(rdf + 'type'))) {
      const short = c.value.replace('http://purl.org/vocab/cpsv#', 'cpsv:').replace('http://data.europa.eu/m8g/', 'cv:').replace('https://w3id.org/italia/onto/CPSV/', 'cpsvapit:');
      if (/^(cpsv|cv|cpsvapit):/.test(short)) tally[short] = (tally[short] ?? 0) + 1;
    }
  } catch (error) {
    report(error.message + (error.details ? ' ' + JSON.stringify(error.details) : ''));
  }
}
console.log(`${names.length} documents, ${violations} violations`);
console.log(Object.entries(tally).sort().map(([k, n]) => `${k} ${n}`).join(', '));
process.exit(violations > 0 || names.length === 0 ? 1 : 0);
