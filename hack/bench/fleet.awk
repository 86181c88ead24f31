# Requests that make the objects of a fleet, for fleet.sh and cluster.sh: METHOD, TYPE, PATH and BODY, apart by tabs.

function request(method, type, path, body) { printf "%s\t%s\t%s\t%s\n", method, type, path, body }

function condition(type) {
  return sprintf("{\"type\":\"%s\",\"status\":\"True\",\"reason\":\"Succeeded\",\"message\":\"\",\"observedGeneration\":1,\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}", type)
}

function node(n) { return sprintf("node-%04d", n) }

function object(kind, name, spec, more) {
  return sprintf("{\"apiVersion\":\"veneer.dev/v1alpha1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"%s},\"spec\":%s}", kind, name, more, spec)
}

function lease(n) {
  return sprintf("{\"holderIdentity\":\"%s\",\"leaseDurationSeconds\":60,\"renewTime\":\"%s\"}", node(n), now)
}

function store_status(    rows, i) {
  for (i = 0; i < images; i++)
    rows = rows sprintf("%s{\"name\":\"base-%d\",\"uid\":\"%s\",\"state\":\"Ready\",\"digest\":\"%s\",\"bytes\":400000000}", i ? "," : "", i, uid[i + 1], digest)
  return sprintf("{\"status\":{\"observedGeneration\":1,\"conditions\":[%s],\"baseImages\":[%s]}}", condition("Ready"), rows)
}

function sliver_status(i) {
  return sprintf("{\"status\":{\"observedGeneration\":1,\"conditions\":[%s,%s,%s],\"driver\":\"overlay\",\"driverReason\":\"named in the spec\",\"store\":\"%s\",\"rootfs\":\"/var/lib/veneer/rootfs/fleet/x\",\"base\":{\"name\":\"base-%d\",\"digest\":\"%s\"},\"revision\":1,\"usage\":{\"exclusiveBytes\":4096,\"sharedBytes\":0,\"reclaimableBytes\":0,\"inodes\":2,\"observedAt\":\"2026-01-01T00:00:00Z\"}}}", condition("Ready"), condition("BaseUpToDate"), condition("DesiredStateFresh"), node(int(i / each)), i % images, digest)
}

BEGIN {
  split(uids, uid, " ")
  slivers = "/apis/veneer.dev/v1alpha1/namespaces/default/slivers"
  if (what == "images")
    for (i = 0; i < images; i++)
      request("POST", json, group "/baseimages", object("BaseImage", "base-" i, "{\"source\":{\"archive\":{\"url\":\"https://images.example/a.tar\"}}}", ""))
  # So many slivers, by those who write to them.
  one = "{\"apiVersion\":\"veneer.dev/v1alpha1\",\"kind\":\"Sliver\",\"metadata\":{\"name\":\"%s\"%s}%s}"
  for (i = 0; i < count; i++) {
    name = sprintf("s%0*d", digits, i)
    if (what == "slivers") request("PATCH", apply, slivers "/" name "?fieldManager=kubectl", sprintf(one, name, "", sprintf(",\"spec\":{\"nodeName\":\"%s\",\"baseImage\":\"base-0\",\"driver\":\"overlay\"}", node(0))))
    if (what == "sliver-finalizers") request("PATCH", apply, slivers "/" name "?fieldManager=veneer-agent", sprintf(one, name, ",\"finalizers\":[\"veneer.dev/node-data\"]", ""))
    if (what == "sliver-statuses") request("PATCH", apply, slivers "/" name "/status?fieldManager=veneer-agent", sprintf(one, name, "", "," substr(sliver_status(0), 2, length(sliver_status(0)) - 2)))
  }
  for (n = 0; n < nodes; n++) {
    if (what == "nodes") request("POST", json, "/api/v1/nodes", sprintf("{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"%s\"}}", node(n)))
    if (what == "leases") request("POST", json, leases, sprintf("{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":\"%s\"},\"spec\":%s}", node(n), lease(n)))
    if (what == "renewals") request("PATCH", merge, leases "/" node(n), sprintf("{\"spec\":%s}", lease(n)))
    if (what == "stores") request("POST", json, group "/nodestores", object("NodeStore", node(n), sprintf("{\"nodeName\":\"%s\",\"path\":\"/var/lib/veneer\"}", node(n)), ""))
    if (what == "store-statuses") request("PATCH", merge, group "/nodestores/" node(n) "/status", store_status())
  }
}
