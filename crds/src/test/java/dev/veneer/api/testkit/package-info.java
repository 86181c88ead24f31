/** A real Kubernetes API for tests: etcd and kube-apiserver, our CRDs, clients and tokens. */
@NullMarked
package dev.veneer.api.testkit;

import org.jspecify.annotations.NullMarked;
