# The cluster's certificate authority, certificates and kubeconfigs, for hack/cluster.sh; sourced, not run.

# certificate NAME SUBJECT [EXTENSION]
certificate() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$state/keys/$1.key" \
    -subj "$2" ${3:+-addext "$3"} -out "$state/keys/$1.csr" 2>"$state/log/openssl" &&
    openssl x509 -req -in "$state/keys/$1.csr" -CA "$state/keys/ca.crt" -CAkey "$state/keys/ca.key" -CAcreateserial \
      -days 30 -copy_extensions copy -out "$state/keys/$1.crt" 2>"$state/log/openssl" || {
    cat "$state/log/openssl" >&2
    fail "openssl could not make the certificate of $1"
  }
}

# kubeconfig NAME FILE: for who has the certificate NAME.
kubeconfig() {
  cat >"$2" <<END
apiVersion: v1
kind: Config
clusters:
- name: veneer
  cluster: {server: "$api", certificate-authority-data: "$(base64 -w0 "$state/keys/ca.crt")"}
users:
- name: $1
  user: {client-certificate-data: "$(base64 -w0 "$state/keys/$1.crt")", client-key-data: "$(base64 -w0 "$state/keys/$1.key")"}
contexts:
- name: veneer
  context: {cluster: veneer, user: $1}
current-context: veneer
END
}

keys() {
  mkdir -p "$state/keys"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$state/keys/ca.key" -days 30 \
    -subj /CN=veneer-cluster -out "$state/keys/ca.crt" 2>"$state/log/openssl" || {
    cat "$state/log/openssl" >&2
    fail "openssl could not make a certificate authority"
  }
  openssl genrsa -out "$state/keys/accounts.key" 2048 2>/dev/null
  openssl rsa -in "$state/keys/accounts.key" -pubout -out "$state/keys/accounts.pub" 2>/dev/null
  first_service=${services%.*}.1
  certificate apiserver /CN=kube-apiserver \
    "subjectAltName=IP:$address,IP:$first_service,IP:127.0.0.1,DNS:kubernetes,DNS:kubernetes.default.svc"
  certificate to-kubelet /O=system:masters/CN=kube-apiserver-to-kubelet
  certificate admin /O=system:masters/CN=admin
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  certificate proxy /CN=system:kube-proxy
  certificate kubelet "/O=system:nodes/CN=system:node:$node"
  for user in controller-manager scheduler proxy kubelet; do
    kubeconfig $user "$state/etc/$user.kubeconfig"
  done
  kubeconfig admin "$state/kubeconfig"
}
