package dev.veneer.controller.app;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.Installation;
import dev.veneer.controller.reconcile.BaseImageReconciler;
import dev.veneer.controller.reconcile.NodeStoreReconciler;
import dev.veneer.controller.reconcile.Nodes;
import dev.veneer.controller.reconcile.Shared;
import dev.veneer.controller.reconcile.SliverReconciler;
import dev.veneer.controller.reconcile.Writer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
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

/** The controller, running. Closing it ends it and gives its Lease back. */
public final class Controller implements AutoCloseable {
    private static final int THREADS = 4;

    private final KubernetesClient client;
    private final Nodes nodes;
    private final Operator operator;

    /**
     * How it runs.
     *
     * @param goneAfter after which time without Node object and Lease a node is gone for ever
     * @param least how long a node may be silent in any case
     * @param identity this replica's name
     * @param elected whether one replica of several works at a time
     */
    public record Settings(Duration goneAfter, Duration least, String identity, boolean elected) {}

    private Controller(KubernetesClient client, Settings settings) {
        this.client = client;
        operator = new Operator(overrider -> configure(overrider, settings));
        nodes = new Nodes(client, Installation.NAMESPACE, settings.least());
        Shared shared = new Shared();
        Writer writer = new Writer(client, settings.identity());
        register(new SliverReconciler(shared, nodes, writer, settings.goneAfter()));
        register(new NodeStoreReconciler(shared, nodes, writer));
        register(new BaseImageReconciler(shared, writer));
        operator.start();
        shared.complete();
    }

    /** Starts it; returns when its caches are full. */
    public static Controller start(Config config, Settings settings) {
        // A newer version of the kinds may have fields that are unknown here.
        ObjectMapper mapper = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
                .build();
        return new Controller(client, settings);
    }

    private void configure(ConfigurationServiceOverrider overrider, Settings settings) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withConcurrentReconciliationThreads(THREADS)
                .withResourceCloner(new Cloner() {
                    /** Nothing here changes an object, and copying thousands to count them would be all that it does. */
                    @Override
                    public <R extends HasMetadata> R clone(R object) {
                        return object;
                    }
                });
        if (settings.elected()) {
            LeaderElectionConfiguration election = LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(
                            Installation.CONTROLLER_LEASE)
                    .withLeaseNamespace(Installation.NAMESPACE)
                    .withIdentity(settings.identity())
                    .build();
            overrider.withLeaderElectionConfiguration(election);
        }
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
                // Half of an object is who manages which field.
                .withItemStore(new TransformingItemStore<>(object -> {
                    object.getMetadata().setManagedFields(null);
                    return object;
                }));
    }

    @Override
    public void close() {
        operator.stop();
        nodes.close();
        client.close();
    }
}
