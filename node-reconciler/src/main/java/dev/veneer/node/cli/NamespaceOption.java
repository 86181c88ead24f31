package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.model.SliverId;
import picocli.CommandLine.Option;

/** In which namespace a name is looked for. */
final class NamespaceOption {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            defaultValue = "default",
            description = "The sliver's namespace (default: default).")
    private String namespace = "default";

    String name() {
        return namespace;
    }

    boolean is(JsonNode object) {
        return namespace.equals(object.at("/metadata/namespace").asText());
    }

    SliverId sliver(String name) {
        return new SliverId(namespace, name);
    }
}
