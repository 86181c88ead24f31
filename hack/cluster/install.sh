# Installing Veneer in the cluster with its own manifests, for hack/cluster.sh; sourced, not run.

# Veneer's manifests as they are, but for which process of the node is its first; in $state/manifests.
manifests() {
  mkdir -p "$state/manifests"
  cat >"$state/manifests/kustomization.yaml" <<END
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [$(realpath --relative-to="$state/manifests" manifests/kubernetes)]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: DaemonSet
    metadata: {name: veneer-agent, namespace: veneer-system}
    spec: {template: {spec: {containers: [{name: agent, env: [{name: VENEER_HOST_PROCESS, value: "$(cat "$state/pid/first")"}]}]}}}
END
}

install_veneer() {
  say "Images of Veneer"
  hack/images.sh 9>&-
  for part in agent controller; do
    import_image "target/images/$part" "veneer.dev/$part:any"
  done
  say "Veneer"
  manifests
  k apply --server-side --force-conflicts -k "$state/manifests" >"$state/log/install" 2>&1 || {
    cat "$state/log/install" >&2
    fail "the manifests could not be applied"
  }
  # An image of the same name may be a newer one.
  k -n veneer-system rollout restart daemonset/veneer-agent deployment/veneer-controller >/dev/null
  for what in daemonset/veneer-agent deployment/veneer-controller; do
    k -n veneer-system rollout status "$what" --timeout=180s >"$state/log/rollout" 2>&1 || {
      cat "$state/log/rollout" >&2
      k -n veneer-system get pods >&2 || true
      k -n veneer-system logs "$what" --tail=20 >&2 || true
      fail "$what does not come up; its last words are above"
    }
  done
  until [ "$(k get nodestore $node -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ]; do
    [ "${waited:=0}" -lt 60 ] || fail "the agent has not reported on its NodeStore for a minute; see: kubectl -n veneer-system logs daemonset/veneer-agent"
    waited=$((waited + 1))
    sleep 1
  done
}
