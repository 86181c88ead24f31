package dev.veneer.node.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Annotations;
import dev.veneer.api.Reason;
import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.api.validation.Verdict;
import dev.veneer.api.validation.Violation;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns objects of a cluster, as its API serves them, into a reading. What was read of an object is kept as long as the object
 * says the same. For one thread at a time.
 */
public final class ClusterReader {
    private static final String WHERE = "cluster";
    private static final List<String> METADATA = List.of("name", "namespace", "labels", "annotations");
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private final String id;
    private final ObjectValidator validator;
    private final ObjectContents contents = new ObjectContents();
    private Map<ObjectRef, Kept> kept = new HashMap<>();
    private @Nullable Reading last;

    /**
     * An object as the API serves it.
     *
     * @param json kind, metadata and spec, and of a BaseImage the digest in its status; the rest is not looked at
     * @param fate whether it was deleted
     * @param identity which object it is
     */
    public record Served(JsonNode json, Fate fate, DeclaredIdentity identity) {}

    /** What was read of an object, with the object as it was served and what of it counts. */
    private record Kept(Served served, JsonNode said, ReadObject read) {
        @SuppressWarnings("ReferenceEquality") // what is served is never changed, but replaced
        boolean isOf(Served now) {
            return served.json() == now.json() && isAlike(now);
        }

        boolean isAlike(Served now) {
            return served.fate() == now.fate() && served.identity().equals(now.identity());
        }
    }

    /**
     * @param id the source's id
     * @param node the node that is read for
     */
    public ClusterReader(String id, Node node) {
        this.id = id;
        this.validator = node.validator();
    }

    /**
     * Reads.
     *
     * @param served the objects in the order of their names
     * @param trouble why not everything can be read now, or null. What is served then is what was read last
     * @param barred why nothing may be made here that is not there, or null
     */
    public Reading read(List<Served> served, @Nullable String trouble, @Nullable String barred) {
        Map<ObjectRef, Kept> now = new HashMap<>();
        List<ReadObject> objects = new ArrayList<>();
        for (Served each : served) {
            ObjectRef ref = ref(each.json());
            Kept before = kept.get(ref);
            Kept read = before != null && before.isOf(each) ? before : read(ref, each, before);
            now.put(ref, read);
            objects.add(read.read);
        }
        kept = now;
        List<Problem> problems =
                trouble == null ? List.of() : List.of(new Problem(WHERE, null, null, "", trouble, false));
        Reading before = last;
        if (before == null
                || !isSame(before.objects(), objects)
                || !before.problems().equals(problems)
                || !Objects.equals(before.barred(), barred)) {
            before = new Reading(id, Reading.Absence.ORPHAN, objects, problems, barred);
            last = before;
        }
        return before;
    }

    private Kept read(ObjectRef ref, Served served, @Nullable Kept before) {
        JsonNode said = said(served.json());
        boolean same = before != null && before.isAlike(served) && before.said.equals(said);
        return new Kept(served, said, before != null && same ? before.read : object(ref, served, said));
    }

    @SuppressWarnings("ReferenceEquality") // what was not read anew is the very same object
    private static boolean isSame(List<ReadObject> then, List<ReadObject> now) {
        if (then.size() != now.size()) {
            return false;
        }
        for (int i = 0; i < now.size(); i++) {
            if (then.get(i) != now.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** Forgets what was read. */
    public void forget() {
        kept = new HashMap<>();
        last = null;
    }

    /**
     * Which object it is.
     *
     * @throws IllegalArgumentException when it has a name that no object of ours can have: names become paths here
     */
    public static ObjectRef ref(JsonNode object) {
        ObjectRef.Kind kind = ObjectRef.Kind.valueOf(object.path("kind").asText());
        String name = label(object.at("/metadata/name").asText());
        return kind == ObjectRef.Kind.Sliver
                ? ObjectRef.of(
                        new SliverId(label(object.at("/metadata/namespace").asText()), name))
                : new ObjectRef(kind, name);
    }

    private static String label(String text) {
        if (!DocumentReader.LABEL.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no DNS label");
        }
        return text;
    }

    private ReadObject object(ObjectRef ref, Served served, JsonNode said) {
        ObjectNode asked = said.deepCopy();
        asked.remove("identity");
        Verdict verdict = validator.judge(asked, null);
        List<Problem> problems = new ArrayList<>();
        for (Violation violation : verdict.violations()) {
            Problem problem = problem(ref, violation);
            // The gravest first: what else is wrong may be so only because the field is not known.
            problems.add(problem.reason() == Reason.UnsupportedField ? 0 : problems.size(), problem);
        }
        DeclaredIdentity identity = served.identity();
        ReadObject.Content content = verdict.canonical().isPresent()
                ? contents.of(verdict.canonical().get(), ref, WHERE, identity)
                : null;
        if (content instanceof ReadObject.OfImage image) {
            content = new ReadObject.OfImage(image.image().agreedOn(agreed(served.json())));
        }
        return new ReadObject(ref, WHERE, content, problems, identity, served.fate());
    }

    /** The server has taken what it serves: a field that is not known here is one of a newer definition. */
    private static Problem problem(ObjectRef ref, Violation violation) {
        return new Problem(
                WHERE,
                ref.kind().name(),
                ref.name(),
                violation.path().toString(),
                violation.unknownField()
                        ? "this agent is older than the cluster's definitions and does not know the field: bring the"
                                + " agent up to date, or take the field away"
                        : violation.message(),
                false,
                violation.unknownField() ? Reason.UnsupportedField : Reason.InvalidSpec);
    }

    /** The content that the cluster agreed on for a BaseImage; null while there is none, or none that can be read. */
    private static @Nullable Digest agreed(JsonNode served) {
        try {
            String digest = served.at("/status/digest").asText();
            return digest.isEmpty() ? null : Digest.parse(digest);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Which object it is, by its own metadata. */
    public static DeclaredIdentity identity(JsonNode served) {
        JsonNode metadata = served.path("metadata");
        return new DeclaredIdentity(
                metadata.path("uid").asText(), metadata.path("generation").asLong(), isAdopting(served));
    }

    private static boolean isImage(JsonNode object) {
        return object.path("kind").asText().equals(ObjectRef.Kind.BaseImage.name());
    }

    /** Whether an object's annotation says that it is to take up what it finds. */
    public static boolean isAdopting(JsonNode served) {
        return served.path("metadata")
                .path("annotations")
                .path(Annotations.ADOPT)
                .asText()
                .equals("true");
    }

    /** The part of an object that says something: not status, nor who wrote what. */
    private static JsonNode said(JsonNode served) {
        ObjectNode said = JsonNodeFactory.instance.objectNode();
        said.set("apiVersion", served.get("apiVersion"));
        said.set("kind", served.get("kind"));
        ObjectNode metadata = said.putObject("metadata");
        for (String field : METADATA) {
            if (served.path("metadata").has(field)) {
                metadata.set(field, served.path("metadata").get(field));
            }
        }
        if (metadata.path("annotations").has(LAST_APPLIED)) {
            ObjectNode annotations = metadata.path("annotations").deepCopy();
            annotations.remove(LAST_APPLIED);
            metadata.set("annotations", annotations);
        }
        said.set("spec", Objects.requireNonNullElse(served.get("spec"), JsonNodeFactory.instance.nullNode()));
        said.putObject("identity")
                .put("uid", served.at("/metadata/uid").asText())
                .put("generation", served.at("/metadata/generation").asLong())
                .put("digest", isImage(served) ? served.at("/status/digest").asText() : "");
        return said;
    }
}
