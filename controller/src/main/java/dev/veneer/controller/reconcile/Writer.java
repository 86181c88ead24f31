package dev.veneer.controller.reconcile;

import dev.veneer.api.FieldManagers;
import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every write of the controller. Each names the version of the object that it means: one that was made anew under the same name
 * is not written, nor one of which something else was said meanwhile. A conflict is thrown, and the object looked at again. Its
 * uid alone would not do: of a status the API server compares none.
 */
public final class Writer {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FieldManagers.CONTROLLER)
            .withForce(true)
            .build();

    private static final PatchContext MERGE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(FieldManagers.CONTROLLER)
            .build();

    /** The one form of a time that the API takes in events. */
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final String identity;

    /** @param identity which of the replicas writes, for events */
    public Writer(KubernetesClient client, String identity) {
        this.client = client;
        this.identity = identity;
    }

    /** The whole status of a base image, which is the controller's alone. */
    void status(HasMetadata image, BaseImageStatus status) {
        applyStatus(image, status);
    }

    /** The condition Ready of an object whose other conditions are its agent's. */
    void ready(HasMetadata object, Condition ready) {
        applyStatus(object, Map.of("conditions", List.of(ready)));
    }

    private void applyStatus(HasMetadata object, Object status) {
        Map<String, Object> metadata = new HashMap<>(version(object));
        metadata.put("name", object.getMetadata().getName());
        Map<String, Object> body = Map.of(
                "apiVersion", object.getApiVersion(), "kind", object.getKind(), "metadata", metadata, "status", status);
        unlessGone(() -> on(object)
                .subresource("status")
                .patch(APPLY, client.getKubernetesSerialization().asJson(body)));
    }

    /** Of the metadata of an object what says that it is this one, as it was looked at. */
    private static Map<String, String> version(HasMetadata object) {
        ObjectMeta metadata = object.getMetadata();
        return Map.of("uid", metadata.getUid(), "resourceVersion", metadata.getResourceVersion());
    }

    /** What is gone needs no write any more; the watch tells. */
    private static void unlessGone(Runnable write) {
        try {
            write.run();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Puts a finalizer on an object. */
    void putFinalizer(HasMetadata object, String finalizer) {
        List<String> all = new ArrayList<>(object.getMetadata().getFinalizers());
        all.add(finalizer);
        finalizers(object, all);
    }

    /** Takes a finalizer off an object. */
    void takeFinalizerOff(HasMetadata object, String finalizer) {
        List<String> all = new ArrayList<>(object.getMetadata().getFinalizers());
        all.remove(finalizer);
        finalizers(object, all);
    }

    private void finalizers(HasMetadata object, List<String> all) {
        // A finalizer that somebody put there meanwhile is not lost.
        Map<String, Object> metadata = new HashMap<>(version(object));
        metadata.put("finalizers", all);
        Map<String, Object> body = Map.of("metadata", metadata);
        unlessGone(() ->
                on(object).patch(MERGE, client.getKubernetesSerialization().asJson(body)));
    }

    /** Tells in the story of an object what was done. Nothing depends on it: when it cannot be written, the log has it. */
    void tell(HasMetadata object, String reason, String note) {
        // Which object it is, its context says.
        LOG.atInfo().addKeyValue("action", reason).log(note);
        String namespace = object.getMetadata().getNamespace();
        Event event = new EventBuilder()
                .withNewMetadata()
                .withGenerateName(object.getMetadata().getName() + "-")
                .withNamespace(namespace == null ? "default" : namespace)
                .endMetadata()
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(object.getApiVersion())
                        .withKind(object.getKind())
                        .withNamespace(namespace)
                        .withName(object.getMetadata().getName())
                        .withUid(object.getMetadata().getUid())
                        .build())
                .withType("Warning")
                .withReason(reason)
                .withAction(reason)
                .withNote(note)
                .withReportingController("veneer.dev/controller")
                .withReportingInstance(identity)
                .withEventTime(new MicroTime(MICROS.format(Instant.now())))
                .build();
        try {
            client.resource(event).create();
        } catch (KubernetesClientException e) {
            // A namespace that is being deleted takes no new objects.
            LOG.info(
                    "the event could not be written: {}",
                    e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage());
        }
    }

    private Resource<? extends HasMetadata> on(HasMetadata object) {
        var kind = client.resources(object.getClass());
        String namespace = object.getMetadata().getNamespace();
        String name = object.getMetadata().getName();
        return namespace == null
                ? kind.withName(name)
                : kind.inNamespace(namespace).withName(name);
    }
}
