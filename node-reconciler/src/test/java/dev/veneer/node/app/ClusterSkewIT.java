package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.KubernetesApi;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An agent whose cluster has newer definitions than it knows. */
class ClusterSkewIT {
    private static final String DEFINITION = "slivers.veneer.dev";

    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        define(ClusterSkewIT::withMoreFields);
        // The server takes the new definition some time after it has been written, and watches that were begun before
        // go on
        // for some time with the old one.
        int[] tries = new int[1];
        site.await(() -> {
            try {
                String number = Integer.toString(++tries[0]);
                site.apply(site.sliver("probe", "later: {field: " + number + "}", "lxc: {newer: x}"));
                Thread.sleep(500);
            } catch (KubernetesClientException e) {
                return false;
            }
            return site.condition("probe", "Stalled").equals("True UnsupportedField");
        });
        site.delete("probe");
        site.await(() -> site.get("probe").isMissingNode());
    }

    @AfterEach
    void close() throws Exception {
        site.close();
        define(definition -> {
            spec(definition).remove("later");
            spec(definition).get("lxc").getProperties().remove("newer");
            return definition;
        });
    }

    private void define(UnaryOperator<CustomResourceDefinition> edit) {
        site.client()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(DEFINITION)
                .edit(edit);
    }

    private static Map<String, JSONSchemaProps> spec(CustomResourceDefinition definition) {
        return definition
                .getSpec()
                .getVersions()
                .get(0)
                .getSchema()
                .getOpenAPIV3Schema()
                .getProperties()
                .get("spec")
                .getProperties();
    }

    private static CustomResourceDefinition withMoreFields(CustomResourceDefinition definition) {
        Map<String, JSONSchemaProps> spec = spec(definition);
        JSONSchemaProps number = new JSONSchemaProps();
        number.setType("integer");
        JSONSchemaProps later = new JSONSchemaProps();
        later.setType("object");
        later.setProperties(Map.of("field", number));
        spec.put("later", later);
        JSONSchemaProps text = new JSONSchemaProps();
        text.setType("string");
        spec.get("lxc").getProperties().put("newer", text);
        return definition;
    }

    @Test
    void aFieldThatIsNotKnownIsToldAndNotLost() throws Exception {
        Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
        site.apply(site.sliver("web", "driver: overlay", "instanceSerial: 2", "later: {field: 7}"));
        site.await(() -> site.condition("web", "Stalled").equals("True UnsupportedField"));
        String status = site.get("web").at("/status/conditions").toString();
        assertTrue(status.contains("spec.later") && status.contains("bring the agent up to date"), status);
        assertEquals("False UnsupportedField", site.condition("web", "DesiredStateFresh"));
        // The whole of the last version that it knew stays in force, and nothing of the new one.
        assertTrue(site.isMounted("web"));
        assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
        assertEquals(7, site.get("web").at("/spec/later/field").asInt());
        site.apply(site.sliver("new", "driver: overlay", "lxc: {newer: \"yes\"}"));
        site.await(() -> site.condition("new", "Stalled").equals("True UnsupportedField"));
        assertFalse(site.isStored("new"));
        // A restart does not lose it either.
        site.agent.kill();
        site.start();
        Thread.sleep(3000);
        assertEquals("True UnsupportedField", site.condition("web", "Stalled"));
        assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
        site.apply(site.sliver("new", "driver: overlay"));
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web") && site.isReady("new"));
        assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
        site.apply(site.sliver("web", "driver: overlay", "later: {field: 8}"));
        site.await(() -> site.condition("web", "Stalled").equals("True UnsupportedField"));
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode() && !site.isStored("web"));
    }
}
