package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges one object as a Kubernetes API server with our CRDs does, and fills in the defaults that it would. Thread-safe.
 *
 * <pre>{@code
 * Verdict verdict = validator.judge(object, null);
 * verdict.canonical().ifPresent(good -> …good.path("spec")…);
 * }</pre>
 */
public final class ObjectValidator {
    /** The group and version of all kinds. */
    public static final String API_VERSION = "veneer.dev/v1alpha1";

    private static final SortedSet<String> FIELDS =
            new TreeSet<>(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
    private static final String AUTO_DRIVER = "auto";
    private static final List<String> TIME_ZONES =
            List.of("update/windows/*/timeZone", "compaction/timeZone", "snapshots/timeZone");

    private final Surroundings surroundings;

    /** What was found right last: most objects that are read after each other have the same spec. */
    private volatile @Nullable Right last;

    /** A spec without any violation, as given, and its canonical form; neither is changed any more. */
    private record Right(String kind, JsonNode given, JsonNode canonical) {}

    /** A validator for objects that are read in these surroundings. */
    public ObjectValidator(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** The kinds that there are. */
    public static SortedSet<String> kinds() {
        return new TreeSet<>(Schemas.KINDS.keySet());
    }

    /**
     * Whether objects of a kind live in namespaces.
     *
     * @throws IllegalArgumentException when there is no such kind
     */
    public static boolean isNamespaced(String kind) {
        Schemas.Kind known = Schemas.KINDS.get(kind);
        if (known == null) {
            throw new IllegalArgumentException("no such kind: " + kind);
        }
        return known.namespaced();
    }

    /**
     * Judges an object.
     *
     * <p>Verdicts may share parts of their canonical objects, which are not to be changed.
     *
     * @param object what was read
     * @param old the canonical object that it replaces, for rules about changes; null when it is new
     */
    public Verdict judge(JsonNode object, @Nullable ObjectNode old) {
        List<Violation> violations = new ArrayList<>();
        List<Violation> notices = new ArrayList<>();
        Schemas.Kind kind = kindOf(object, violations);
        if (kind == null) {
            return new Verdict(Optional.empty(), violations, notices);
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!FIELDS.contains(field.getKey())) {
                violations.add(new Violation(
                        FieldPath.ROOT.field(field.getKey()),
                        "unknown field " + Quoted.of(field.getKey()),
                        Nearest.hint(field.getKey(), FIELDS),
                        true));
            }
        }
        if (object.has("status")) {
            notices.add(new Violation(FieldPath.ROOT.field("status"), "ignored", "the node writes it"));
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("apiVersion", API_VERSION);
        result.set("kind", object.get("kind"));
        result.set(
                "metadata",
                new MetadataCheck(violations, notices)
                        .check(object.path("metadata"), kind.namespaced(), surroundings.namespace()));
        spec(kind, object, old, violations, result);
        if (violations.isEmpty()) {
            new SpecCheck(violations).rules(kind.root(), result, MissingNode.getInstance(), FieldPath.ROOT);
        }
        return new Verdict(violations.isEmpty() ? Optional.of(result) : Optional.empty(), violations, notices);
    }

    private Schemas.@Nullable Kind kindOf(JsonNode object, List<Violation> violations) {
        if (!object.isObject()) {
            violations.add(new Violation(
                    FieldPath.ROOT,
                    "is " + Quoted.kind(object),
                    "a map with apiVersion, kind, metadata and spec is expected"));
            return null;
        }
        String version = object.path("apiVersion").asText();
        if (!version.equals(API_VERSION)) {
            violations.add(new Violation(
                    FieldPath.ROOT.field("apiVersion"),
                    object.has("apiVersion") ? Quoted.of(version) + " is not known" : "missing",
                    Quoted.of(API_VERSION) + " is expected"));
        }
        JsonNode name = object.path("kind");
        Schemas.Kind kind = Schemas.KINDS.get(name.asText());
        if (kind == null || !name.isTextual()) {
            violations.add(new Violation(
                    FieldPath.ROOT.field("kind"),
                    object.has("kind") ? Quoted.of(name.asText()) + " is not known" : "missing",
                    Nearest.hint(name.asText(), Schemas.KINDS.keySet())));
            return null;
        }
        return kind;
    }

    private void spec(
            Schemas.Kind kind,
            JsonNode object,
            @Nullable ObjectNode old,
            List<Violation> violations,
            ObjectNode result) {
        JsonNode given = object.path("spec");
        FieldPath at = FieldPath.ROOT.field("spec");
        if (given.isMissingNode() || given.isNull()) {
            violations.add(new Violation(at, "missing", "it is required"));
            return;
        }
        String name = object.path("kind").asText();
        Right known = last;
        if (old == null && known != null && known.kind.equals(name) && known.given.equals(given)) {
            result.set("spec", known.canonical);
            return;
        }
        int before = violations.size();
        JsonNode completed = given;
        if (surroundings.nodeName() != null
                && given instanceof ObjectNode spec
                && kind.spec().properties().containsKey("nodeName")
                && !spec.hasNonNull("nodeName")) {
            completed = spec.deepCopy().put("nodeName", surroundings.nodeName());
        }
        JsonNode oldSpec = old == null ? MissingNode.getInstance() : old.path("spec");
        JsonNode checked = new SpecCheck(violations).check(kind.spec(), completed, oldSpec, at);
        if (checked != null) {
            drivers(checked, violations, at);
            if (surroundings.nodeName() != null) {
                timeZones(checked, violations, at);
            }
            judged(checked, violations, at);
            result.set("spec", checked);
            if (old == null && violations.size() == before) {
                last = new Right(name, given.deepCopy(), checked);
            }
        }
    }

    /** Drivers come and go without the CRD, so their names are judged by who has them. */
    private void drivers(JsonNode spec, List<Violation> violations, FieldPath at) {
        if (surroundings.drivers().isEmpty()) {
            return;
        }
        SortedSet<String> choice = new TreeSet<>(surroundings.drivers());
        int i = 0;
        for (JsonNode driver : spec.path("drivers")) {
            driver(driver.asText(), choice, violations, at.field("drivers").item(i++));
        }
        choice.add(AUTO_DRIVER);
        if (spec.has("driver")) {
            driver(spec.path("driver").asText(), choice, violations, at.field("driver"));
        }
    }

    /** Which time zones there are is for the machine to say that has to keep them. */
    private static void timeZones(JsonNode spec, List<Violation> violations, FieldPath at) {
        for (String place : TIME_ZONES) {
            Places.each(spec, place, at, (zone, zoneAt) -> {
                if (!isZone(zone)) {
                    violations.add(new Violation(
                            zoneAt,
                            Quoted.of(zone) + " is not a time zone that this machine knows",
                            nearestZone(zone)));
                }
            });
        }
    }

    /** Texts in languages of their own. */
    private void judged(JsonNode spec, List<Violation> violations, FieldPath at) {
        surroundings
                .judges()
                .forEach((place, judge) -> Places.each(spec, place, at, (text, textAt) -> {
                    String wrong = judge.apply(text);
                    if (wrong != null) {
                        violations.add(new Violation(textAt, Quoted.of(text) + " is malformed", wrong));
                    }
                }));
    }

    private static String nearestZone(String zone) {
        String nearest = Nearest.to(zone, ZoneId.getAvailableZoneIds());
        return nearest == null
                ? "a name such as UTC or Europe/Berlin is expected"
                : "did you mean " + Quoted.of(nearest) + "?";
    }

    private static boolean isZone(String zone) {
        try {
            return ZoneId.of(zone).getRules() != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static void driver(String name, Set<String> known, List<Violation> violations, FieldPath at) {
        if (!known.contains(name)) {
            violations.add(
                    new Violation(at, Quoted.of(name) + " is not a driver of this program", Nearest.hint(name, known)));
        }
    }
}
