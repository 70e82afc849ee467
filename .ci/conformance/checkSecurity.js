// The function that the security rules of the Italian guidelines ask for by this name. It reports operations of some
// methods that no `security` speaks of, neither their own nor the description's; unless `nullable`, also those that may
// go without a key.
export default function checkSecurity(description, { methods, nullable }) {
  const found = [];
  for (const [path, item] of Object.entries(description.paths ?? {})) {
    for (const method of methods.filter((name) => item[name])) {
      const security = item[method].security ?? description.security ?? [];
      if (security.length === 0 || (!nullable && security.some((way) => Object.keys(way).length === 0))) {
        found.push({ message: `${method} ${path} is not protected`, path: ["paths", path, method] });
      }
    }
  }
  return found;
}
