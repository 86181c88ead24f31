package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The kinds that this version knows, by name, with the schemas that were generated from their types. */
final class Schemas {
    /**
     * One kind.
     *
     * @param namespaced whether its objects live in namespaces
     * @param spec the schema of {@code spec}
     * @param root the rules on the whole object
     */
    record Kind(boolean namespaced, Schema spec, Schema root) {}

    /** All kinds by name. */
    static final SortedMap<String, Kind> KINDS = load();

    private Schemas() {}

    private static SortedMap<String, Kind> load() {
        try (InputStream in = Schemas.class.getResourceAsStream("schemas.json")) {
            if (in == null) {
                throw new IllegalStateException("schemas.json is missing beside " + Schemas.class.getName());
            }
            SortedMap<String, Kind> kinds = new TreeMap<>();
            for (Map.Entry<String, JsonNode> kind :
                    new ObjectMapper().readTree(in).properties()) {
                Schema root = Schema.of(kind.getValue().path("schema"));
                Schema spec = root.properties().get("spec");
                if (spec == null) {
                    throw new IllegalStateException("the schema of " + kind.getKey() + " has no spec");
                }
                kinds.put(
                        kind.getKey(),
                        new Kind(kind.getValue().path("scope").asText().equals("Namespaced"), spec, root));
            }
            return Collections.unmodifiableSortedMap(kinds);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
