package dev.veneer.node.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Annotations;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns objects that were found right into what they say; for one thread at a time. */
final class ObjectContents {
    private JsonNode lastSpec = MissingNode.getInstance();
    private String lastText = "";

    /** A spec as text. The validator gives the same object for the same spec, and the text is then the same too. */
    @SuppressWarnings("ReferenceEquality")
    private String text(JsonNode spec) {
        if (spec != lastSpec) {
            lastSpec = spec;
            lastText = spec.toString();
        }
        return lastText;
    }

    /** What a canonical object says. */
    ReadObject.Content of(ObjectNode object, ObjectRef ref, String where, @Nullable DeclaredIdentity identity) {
        JsonNode spec = object.path("spec");
        Map<String, String> annotations = texts(object.at("/metadata/annotations"));
        String name = object.at("/metadata/name").asText();
        return switch (ref.kind()) {
            case Sliver ->
                new ReadObject.OfSliver(
                        DeclaredSpecs.sliver(
                                SliverId.parse(ref.name()),
                                text(spec),
                                texts(object.at("/metadata/labels")),
                                annotations,
                                where,
                                identity),
                        spec.path("nodeName").asText());
            case BaseImage ->
                new ReadObject.OfImage(
                        DeclaredSpecs.image(name, spec.toString(), where).as(identity));
            default ->
                new ReadObject.OfStore(
                        DeclaredSpecs.store(name, spec.toString(), where),
                        spec.path("nodeName").asText(),
                        spec.path("path").asText(),
                        spec.path("default").asBoolean(),
                        "true".equals(annotations.get(Annotations.ALLOW_SHRINK)));
        };
    }

    private static Map<String, String> texts(JsonNode map) {
        Map<String, String> texts = new TreeMap<>();
        map.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }
}
