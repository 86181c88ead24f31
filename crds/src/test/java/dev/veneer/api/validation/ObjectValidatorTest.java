package dev.veneer.api.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.veneer.api.v1alpha1.DeletionPolicy;
import dev.veneer.api.v1alpha1.SliverSpec;
import dev.veneer.api.v1alpha1.TargetState;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The canonical form and what surrounds the judgement; the judgement itself is in {@link CorpusTest}. */
class ObjectValidatorTest {
    private static final String SLIVER =
            "{apiVersion: veneer.dev/v1alpha1, kind: Sliver, metadata: {name: a}, spec: {baseImage: b, lxc: {cpus: 2}}}";
    private final ObjectValidator validator =
            new ObjectValidator(new Surroundings("node-1", "default", Set.of(), Map.of()));

    @Test
    void fillsInDefaultsSortedAndReadableAsRecord() throws IOException {
        Verdict verdict = judge(SLIVER);
        ObjectNode canonical = verdict.canonical().orElseThrow();
        assertEquals(
                "{\"apiVersion\":\"veneer.dev/v1alpha1\",\"kind\":\"Sliver\",\"metadata\":{\"name\":\"a\",\"namespace\":\"default\"},"
                        + "\"spec\":{\"baseImage\":\"b\",\"deletionPolicy\":\"Delete\",\"desiredState\":\"Deployed\",\"driver\":\"auto\","
                        + "\"instanceSerial\":1,\"keepPrevious\":\"24h\",\"lxc\":{\"cpus\":\"2\"},\"nodeName\":\"node-1\","
                        + "\"personalize\":true,\"suspend\":false,\"update\":{\"grace\":\"30s\",\"policy\":\"Restart\"},"
                        + "\"userNamespace\":\"Auto\"}}",
                canonical.toString());
        SliverSpec spec = new ObjectMapper().treeToValue(canonical.get("spec"), SliverSpec.class);
        assertEquals(TargetState.Deployed, spec.desiredState());
        assertEquals(DeletionPolicy.Delete, spec.deletionPolicy());
        assertEquals("2", spec.lxc().cpus());
        assertTrue(spec.lxc().environment().isEmpty());
    }

    @Test
    void theOrderOfFieldsAndHowNumbersAreWrittenDoNotChangeTheCanonicalForm() throws IOException {
        String other =
                "{spec: {lxc: {cpus: '2'}, suspend: null, baseImage: b}, metadata: {name: a}, kind: Sliver, apiVersion: veneer.dev/v1alpha1}";
        assertEquals(
                judge(SLIVER).canonical().orElseThrow().toString(),
                judge(other).canonical().orElseThrow().toString());
    }

    /** A spec like the one before is not judged again; whatever differs, or is changed in place, is. */
    @Test
    void aSpecIsJudgedByWhatItSaysWhateverWasJudgedBefore() throws IOException {
        ObjectNode first = (ObjectNode) new YAMLMapper().readTree(SLIVER);
        String canonical = validator
                .judge(first, null)
                .canonical()
                .orElseThrow()
                .path("spec")
                .toString();
        Verdict second = judge(SLIVER.replace("name: a", "name: second"));
        assertEquals(canonical, second.canonical().orElseThrow().path("spec").toString());
        assertEquals(
                "second", second.canonical().orElseThrow().at("/metadata/name").asText());
        assertEquals(1, judge(SLIVER.replace("cpus: 2", "cpus: x")).violations().size());
        assertEquals(
                1,
                judge(SLIVER.replace("kind: Sliver", "kind: NodeStore").replace("name: a", "name: node-1"))
                        .violations()
                        .stream()
                        .filter(v -> v.path().toString().equals("spec.baseImage"))
                        .count());
        assertTrue(judge(SLIVER.replace("cpus: 2", "cpus: 2.0")).canonical().isEmpty());
        ((ObjectNode) first.path("spec").path("lxc")).put("cpus", "wrong");
        assertEquals(1, validator.judge(first, null).violations().size(), "what was judged has changed since");
        ObjectNode old = judge(SLIVER.replace("baseImage: b", "baseImage: b, instanceSerial: 7"))
                .canonical()
                .orElseThrow();
        assertEquals(
                validator.judge(new YAMLMapper().readTree(SLIVER), old).violations(),
                new ObjectValidator(new Surroundings("node-1", "default", Set.of(), Map.of()))
                        .judge(new YAMLMapper().readTree(SLIVER), old)
                        .violations(),
                "rules about changes are asked each time");
    }

    @Test
    void tellsWhatIsIgnored() throws IOException {
        Verdict verdict = judge(SLIVER.replace("name: a", "name: a, uid: x, managedFields: []")
                .replace("spec:", "status: {conditions: 7}, spec:"));
        assertTrue(verdict.canonical().isPresent());
        assertEquals(
                Set.of("metadata.uid", "metadata.managedFields", "status"),
                Set.copyOf(
                        verdict.notices().stream().map(n -> n.path().toString()).toList()));
    }

    @Test
    void tellsAllThatIsWrongAtOnce() throws IOException {
        Verdict verdict = judge(
                "{apiVersion: v1, kind: Sliver, metadata: {name: ../a}, spec: {driver: 1, lxc: {pids: x, cpus: [], foo: 1}}}");
        assertEquals(
                Set.of(
                        "apiVersion",
                        "metadata.name",
                        "spec.driver",
                        "spec.baseImage",
                        "spec.lxc.pids",
                        "spec.lxc.cpus",
                        "spec.lxc.foo"),
                Set.copyOf(verdict.violations().stream()
                        .map(v -> v.path().toString())
                        .toList()));
    }

    private Verdict judge(String yaml) throws IOException {
        return validator.judge(new YAMLMapper().readTree(yaml), null);
    }
}
