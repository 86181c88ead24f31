package dev.veneer.api.testkit;

import io.fabric8.kubernetes.client.KubernetesClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a class of tests a real Kubernetes API:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final KubernetesApi API = new KubernetesApi();
 * }</pre>
 *
 * <p>One control plane serves all classes of a JVM and ends with its tests: a class uses namespaces and names of its own, and
 * puts back what it stops or deletes of what is there for all. A class that cannot, starts a {@link ControlPlane} of its own.
 */
public final class KubernetesApi implements BeforeAllCallback {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(KubernetesApi.class);

    private @Nullable ControlPlane plane;

    @Override
    public void beforeAll(ExtensionContext context) {
        // What is in the root's store is closed when all tests of the JVM are through.
        plane = context.getRoot()
                .getStore(OURS)
                .getOrComputeIfAbsent(ControlPlane.class, unused -> ControlPlane.start(), ControlPlane.class);
    }

    /** The control plane. */
    public ControlPlane plane() {
        ControlPlane started = plane;
        if (started == null) {
            throw new IllegalStateException("register this as a static extension");
        }
        return started;
    }

    /** A client that may do everything. */
    public KubernetesClient client() {
        return plane().client();
    }
}
