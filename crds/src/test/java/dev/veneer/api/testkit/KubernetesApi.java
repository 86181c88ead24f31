package dev.veneer.api.testkit;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Gives a class of tests a real Kubernetes API:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final KubernetesApi API = new KubernetesApi();
 * }</pre>
 *
 * <p>A control plane serves one class after the other and ends with the tests: a class uses namespaces and names of its own,
 * and puts back what it stops or deletes of what is there for all. A class that cannot, starts a {@link ControlPlane} of its
 * own. Of a class whose tests run beside each other, each test has a control plane for itself meanwhile.
 */
public final class KubernetesApi implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(KubernetesApi.class);

    /** Of the test that this thread runs. */
    private static final ThreadLocal<@Nullable ControlPlane> OF_TEST = new ThreadLocal<>();

    private @Nullable ControlPlane plane;

    /** Those that were started, and of these which nobody uses. */
    private static final class Planes implements AutoCloseable {
        private final Queue<ControlPlane> started = new ConcurrentLinkedQueue<>();
        private final Queue<ControlPlane> idle = new ConcurrentLinkedQueue<>();

        /** What is in the root's store is closed when all tests are through. */
        static Planes of(ExtensionContext context) {
            return context.getRoot()
                    .getStore(OURS)
                    .getOrComputeIfAbsent(Planes.class, unused -> new Planes(), Planes.class);
        }

        ControlPlane take() {
            ControlPlane taken = idle.poll();
            if (taken == null) {
                taken = ControlPlane.start();
                started.add(taken);
            }
            return taken;
        }

        void giveBack(@Nullable ControlPlane taken) {
            if (taken != null) {
                idle.add(taken);
            }
        }

        @Override
        public void close() {
            started.forEach(ControlPlane::close);
        }
    }

    private static boolean isOneForEachTest(ExtensionContext context) {
        return context.getExecutionMode() == ExecutionMode.CONCURRENT;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!isOneForEachTest(context)) {
            plane = Planes.of(context).take();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (isOneForEachTest(context)) {
            OF_TEST.set(Planes.of(context).take());
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Planes.of(context).giveBack(OF_TEST.get());
        OF_TEST.remove();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Planes.of(context).giveBack(plane);
        plane = null;
    }

    /** The control plane. */
    public ControlPlane plane() {
        ControlPlane own = OF_TEST.get();
        ControlPlane found = own == null ? plane : own;
        if (found == null) {
            throw new IllegalStateException("register this as a static extension");
        }
        return found;
    }

    /** A client that may do everything. */
    public KubernetesClient client() {
        return plane().client();
    }
}
