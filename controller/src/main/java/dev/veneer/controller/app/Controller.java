package dev.veneer.controller.app;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.Installation;
import dev.veneer.controller.decide.Heartbeat;
import dev.veneer.controller.decide.Pace;
import dev.veneer.controller.reconcile.BaseImageReconciler;
import dev.veneer.controller.reconcile.NodeStoreReconciler;
import dev.veneer.controller.reconcile.Nodes;
import dev.veneer.controller.reconcile.Shared;
import dev.veneer.controller.reconcile.SliverReconciler;
import dev.veneer.controller.reconcile.Writer;
import dev.veneer.controller.telemetry.Telemetry;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller, running. Closing it ends it and gives its Lease back. */
public final class Controller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final int THREADS = 4;

    /** A hundred thousand slivers in one answer would be there whole, as text and as objects, beside those of the cache. */
    private static final long PAGE = 500;

    /** An API server that has much to do is not served by a controller that ends and reads everything from the beginning. */
    private static final Duration UNTIL_READ = Duration.ofMinutes(15);

    private final KubernetesClient client;
    private final Settings settings;
    private final Nodes nodes;
    private final Operator operator;

    /**
     * How it runs.
     *
     * @param goneAfter after which time without Node object and Lease a node is gone for ever
     * @param least how long a node may be silent in any case
     * @param apart how far apart two writes of an object are that only count
     * @param namespace where the Leases are, the agents' and its own
     * @param identity this replica's name
     */
    public record Settings(Duration goneAfter, Duration least, Duration apart, String namespace, String identity) {
        /** As it runs in earnest. */
        public static Settings usual(Duration goneAfter, String namespace, String identity) {
            return new Settings(goneAfter, Heartbeat.LEAST, Pace.COUNTS, namespace, identity);
        }
    }

    private Controller(KubernetesClient client, Settings settings, Telemetry telemetry) {
        this.client = client;
        this.settings = settings;
        operator = new Operator(overrider -> configure(overrider, settings, telemetry));
        nodes = new Nodes(client, settings.namespace(), settings.least());
        Shared shared = new Shared();
        Writer writer = new Writer(client, settings.identity());
        register(new SliverReconciler(shared, nodes, writer, settings.goneAfter()));
        register(new NodeStoreReconciler(shared, nodes, writer));
        register(new BaseImageReconciler(shared, writer, settings.apart()));
        operator.start();
        shared.complete();
        telemetry.countStores(shared::storeCount, shared::lostCount);
        telemetry.readyWhen(() -> operator.getRuntimeInfo().allEventSourcesAreHealthy());
    }

    /** Starts it; returns when its caches are full. */
    public static Controller start(Config config, Settings settings, Telemetry telemetry) {
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(new KubernetesSerialization(mapper(), true))
                .build();
        return new Controller(client, settings, telemetry);
    }

    /** Reads what a newer version of the kinds says too: fields, and words, that are unknown here are as if they were not. */
    static ObjectMapper mapper() {
        return new ObjectMapper()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
    }

    private void configure(ConfigurationServiceOverrider overrider, Settings settings, Telemetry telemetry) {
        overrider
                .withKubernetesClient(client)
                .withMetrics(telemetry.reconciliations())
                .withCloseClientOnStop(false)
                .withCacheSyncTimeout(UNTIL_READ)
                .withConcurrentReconciliationThreads(THREADS)
                .withResourceCloner(new Cloner() {
                    /** Nothing here changes an object, and copying thousands to count them would be all that it does. */
                    @Override
                    public <R extends HasMetadata> R clone(R object) {
                        return object;
                    }
                });
        LeaderElectionConfiguration election = LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(
                        Installation.CONTROLLER_LEASE)
                .withLeaseNamespace(settings.namespace())
                .withIdentity(settings.identity())
                .build();
        overrider.withLeaderElectionConfiguration(election);
    }

    private <T extends HasMetadata> void register(Reconciler<T> reconciler) {
        operator.register(reconciler, Controller::everyEvent);
    }

    private static <T extends HasMetadata> void everyEvent(ControllerConfigurationOverrider<T> configuration) {
        configuration
                .watchingAllNamespaces()
                // Status and annotations matter too, and so does what is deleted without a finalizer of ours.
                .withGenerationAware(false)
                .withTriggerReconcilerOnAllEvents(true)
                .withInformerListLimit(PAGE)
                // Half of an object is who manages which field.
                .withItemStore(new TransformingItemStore<>(object -> {
                    object.getMetadata().setManagedFields(null);
                    return object;
                }));
    }

    @Override
    public void close() {
        operator.stop();
        release();
        nodes.close();
        client.close();
    }

    /** The framework lets its Lease expire, for which another replica would wait. */
    private void release() {
        try {
            client.leases()
                    .inNamespace(settings.namespace())
                    .withName(Installation.CONTROLLER_LEASE)
                    .edit(lease -> {
                        if (settings.identity().equals(lease.getSpec().getHolderIdentity())) {
                            lease.getSpec().setHolderIdentity("");
                        }
                        return lease;
                    });
        } catch (KubernetesClientException e) {
            LOG.info("the Lease could not be given back, and expires: {}", e.getMessage());
        }
    }
}
