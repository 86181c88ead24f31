package dev.veneer.controller.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.veneer.api.testkit.ControlPlane;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.List;

/** Definitions as a newer version of them might be. */
final class Definitions {
    private Definitions() {}

    /** Adds a word to those that a field may have. {@link ControlPlane#restoreCrds} puts the definitions back. */
    static void add(ControlPlane plane, String name, List<String> path, String word) {
        plane.client()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(name)
                .edit(definition -> {
                    JSONSchemaProps at = definition
                            .getSpec()
                            .getVersions()
                            .get(0)
                            .getSchema()
                            .getOpenAPIV3Schema();
                    for (String field : path) {
                        at = item(at.getProperties().get(field));
                    }
                    at.getEnum().add(JsonNodeFactory.instance.textNode(word));
                    return definition;
                });
    }

    private static JSONSchemaProps item(JSONSchemaProps of) {
        return of.getItems() == null ? of : of.getItems().getSchema();
    }
}
