package dev.veneer.node.desired;

import static dev.veneer.node.desired.Readings.NODE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Reason;
import dev.veneer.node.desired.ClusterReader.Served;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.RecordBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Objects of a cluster as a source, and what follows from them. */
class ClusterReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SOURCE = "cluster-a";
    private static final SliverId WEB = new SliverId("default", "web");

    private final ClusterReader reader = new ClusterReader(SOURCE, NODE);

    /** As a server has it, with all that is not ours. */
    private static ObjectNode web(String uid, long generation, String spec) {
        return tree(
                "{'apiVersion':'veneer.dev/v1alpha1','kind':'Sliver','metadata':{'name':'web','namespace':'default',"
                        + "'uid':'" + uid + "','generation':" + generation
                        + ",'resourceVersion':'7','creationTimestamp':'2026-01-01T00:00:00Z','finalizers':['x/y'],'labels':{'a':'b'}},"
                        + "'spec':{'nodeName':'node-1','baseImage':'debian'" + spec
                        + "},'status':{'observedGeneration':-1}}");
    }

    private static ObjectNode tree(String text) {
        try {
            return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private Reading read(@Nullable String trouble, JsonNode... objects) {
        return reader.read(
                List.of(objects).stream()
                        .map(each -> new Served(each, Fate.STAYS, ClusterReader.identity(each)))
                        .toList(),
                trouble,
                null);
    }

    private static DesiredState decide(Reading reading, SliverRecord... records) {
        return SourceRules.decide(
                reading, new LastKnown(List.of(records), List.of(), null, Set.of()), NODE, Permissions.NONE);
    }

    private static SliverRecord record(DesiredState declared) {
        String spec = declared.slivers().get(WEB).canonicalSpec();
        return RecordBuilder.of(WEB)
                .uid("u1")
                .declared(SOURCE, spec)
                .driver("copy")
                .store("node-1")
                .base("debian", new Digest("0".repeat(64)))
                .build();
    }

    @Test
    void anObjectSaysWhichItIs() {
        DesiredState state = decide(read(null, web("u1", 4, "")));
        assertEquals(
                new DeclaredIdentity("u1", 4, false), state.slivers().get(WEB).identity());
        assertEquals(List.of(), state.source().problems());
        assertTrue(!state.source().prunes());
        ObjectNode adopted = web("u1", 4, "");
        adopted.withObject("/metadata/annotations").put("veneer.dev/adopt", "true");
        assertTrue(decide(read(null, adopted)).slivers().get(WEB).identity().adopts());
    }

    @Test
    void whatSaysTheSameIsNotReadAgain() {
        Reading first = read(null, web("u1", 1, ""));
        ObjectNode later = web("u1", 1, "");
        later.withObject("/status").put("observedGeneration", 1);
        later.withObject("/metadata").put("resourceVersion", "8");
        assertSame(first, read(null, later));
        assertNotSame(first, read(null, web("u1", 2, "")));
        reader.forget();
        assertNotSame(first, read(null, later));
    }

    @Test
    void aWrongOneKeepsItsLastGoodVersionAsTheVeryObject() {
        SliverRecord known = record(decide(read(null, web("u1", 1, ",'driver':'copy'"))));
        for (String wrong : List.of(",'driver':'nosuch'", ",'later':{'field':1}", ",'instanceSerial':'x'")) {
            DesiredState state = decide(read(null, web("u1", 2, wrong)), known);
            assertEquals("copy", state.slivers().get(WEB).driver());
            assertEquals(2, state.slivers().get(WEB).identity().generation());
            assertEquals(Set.of("Sliver default/web"), state.source().broken());
            assertEquals(
                    Set.of(), decide(read(null, web("u1", 2, wrong))).slivers().keySet());
        }
    }

    @Test
    void aFieldOfANewerDefinitionIsNoMistake() {
        SliverRecord known = record(decide(read(null, web("u1", 1, ""))));
        for (String newer : List.of(
                ",'later':{'field':1}", ",'lxc':{'newer':true}", ",'driver':'nosuch','later':1", ",'later':null")) {
            DesiredState state = decide(read(null, web("u1", 2, newer)), known);
            assertEquals(Set.of("Sliver default/web"), state.source().broken());
            Problem first = state.source().problems().get(0);
            assertEquals(Reason.UnsupportedField, first.reason(), newer);
            assertTrue(first.message().contains("bring the agent up to date"), first.message());
        }
        Problem mistake = decide(read(null, web("u1", 3, ",'driver':'nosuch'")), known)
                .source()
                .problems()
                .get(0);
        assertEquals(Reason.InvalidSpec, mistake.reason());
    }

    @Test
    void itsNamespacesTrustIsPartOfIt() {
        ObjectNode web = web("u1", 1, "");
        for (NamespaceTrust trust : NamespaceTrust.values()) {
            Reading reading = reader.read(
                    List.of(new Served(
                            web, Fate.STAYS, ClusterReader.identity(web).in(null, trust))),
                    null,
                    null);
            assertEquals(trust, decide(reading).slivers().get(WEB).identity().trust());
        }
    }

    @Test
    void aBaseImageIsWhatItsClusterAgreedOn() {
        String image = "{'apiVersion':'veneer.dev/v1alpha1','kind':'BaseImage','metadata':{'name':'debian','uid':'i',"
                + "'generation':1},'spec':{'source':{'directory':{'path':'/x'}}},'status':{'digest':'%s'}}";
        Digest digest = new Digest("a".repeat(64));
        assertEquals(
                digest,
                decide(read(null, tree(image.formatted(digest))))
                        .baseImages()
                        .get("debian")
                        .agreed());
        for (String wrong : List.of("", "sha256:", "md5:1", "x".repeat(100))) {
            assertEquals(
                    null,
                    decide(read(null, tree(image.formatted(wrong))))
                            .baseImages()
                            .get("debian")
                            .agreed());
        }
    }

    @Test
    void oneWithoutASpecIsWrong() {
        ObjectNode empty = web("u1", 1, "");
        empty.remove("spec");
        assertEquals(
                Set.of("Sliver default/web"), decide(read(null, empty)).source().broken());
        empty.putNull("spec");
        assertEquals(
                Set.of("Sliver default/web"), decide(read(null, empty)).source().broken());
    }

    @Test
    void whatCannotBeNamedIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ClusterReader.ref(tree("{'kind':'Pod','metadata':{'name':'a'}}")));
        assertThrows(
                IllegalArgumentException.class,
                () -> ClusterReader.ref(tree("{'kind':'Sliver','metadata':{'name':'../a','namespace':'default'}}")));
        assertThrows(
                IllegalArgumentException.class,
                () -> ClusterReader.ref(tree("{'kind':'Sliver','metadata':{'name':'a','namespace':'..'}}")));
    }

    @Test
    void absenceMakesAnOrphanUnlessNobodyCanTell() {
        SliverRecord known = record(decide(read(null, web("u1", 1, ""))));
        DesiredState state = decide(read(null), known);
        assertEquals(Set.of(WEB), state.orphans());
        assertEquals(Set.of(), state.slivers().keySet());
        assertEquals(null, state.source().hold());
        state = decide(read("the API server is away"), known);
        assertEquals(Set.of(), state.orphans());
        assertEquals(Set.of(WEB), state.slivers().keySet());
        assertEquals("the API server is away", state.source().hold());
        // Away, but read before.
        state = decide(read("the API server is away", web("u1", 5, ",'driver':'copy'")), known);
        assertEquals("copy", state.slivers().get(WEB).driver());
    }

    @Test
    void aDeletionCountsForWhatIsKnownUnlessItIsSuspended() {
        SliverRecord known = record(decide(read(null, web("u1", 1, ""))));
        DesiredState state = decide(deleted(web("u1", 2, ",'deletionPolicy':'Retain'")), known);
        assertEquals(Set.of(), state.slivers().keySet());
        assertEquals("Retain", state.deletions().get(WEB).deletionPolicy().name());
        assertEquals(Set.of(), state.orphans());
        state = decide(deleted(web("u1", 2, ",'suspend':true")), known);
        assertEquals(Set.of(), state.deletions().keySet());
        assertTrue(state.slivers().get(WEB).suspend());
        // One that cannot be read goes as it was read last.
        state = decide(deleted(web("u1", 2, ",'driver':'nosuch'")), known);
        assertEquals("u1", state.deletions().get(WEB).identity().uid());
        assertEquals(Set.of(), state.slivers().keySet());
    }

    /** Whatever lies here that is not its own is for a deleted object as if it were not there. */
    @Test
    void oneThatIsDeletedDeclaresNothingAnew() {
        String spec = record(decide(read(null, web("u1", 7, "")))).canonicalSpec();
        RecordBuilder own = RecordBuilder.of(WEB).uid("u1").declared(SOURCE, spec);
        List<SliverRecord> others = List.of(
                own.retainedAt(Instant.EPOCH).build(),
                own.retainedAt(null).uid("u2").build(),
                own.uid("u1").generation(8).build(),
                own.generation(1).declared("cluster-b", spec).build());
        for (SliverRecord record : others) {
            for (Fate fate : List.of(Fate.LEAVES, Fate.GOES)) {
                for (String wrong : List.of("", ",'driver':'nosuch'")) {
                    Reading reading = served(web("u1", 7, wrong), fate);
                    DesiredState state = decide(reading, record);
                    assertEquals(Set.of(), state.slivers().keySet(), record.toString());
                    assertEquals(Set.of(), state.deletions().keySet(), record.toString());
                    assertEquals(Set.of(), state.source().broken());
                    assertEquals(record.retainedAt() == null ? Set.of(WEB) : Set.of(), state.orphans());
                }
            }
        }
        assertEquals(
                Set.of(),
                decide(served(web("u1", 7, ""), Fate.LEAVES)).slivers().keySet());
    }

    @Test
    void oneThatIsDeletedKeepsUpItsOwnUntilThatIsOrdered() {
        SliverRecord known = record(decide(read(null, web("u1", 1, ""))));
        DesiredState state = decide(served(web("u1", 2, ",'driver':'copy'"), Fate.LEAVES), known);
        assertEquals("copy", state.slivers().get(WEB).driver());
        assertEquals(Set.of(), state.deletions().keySet());
        ObjectNode adopting = web("u2", 1, "");
        adopting.withObject("/metadata/annotations").put("veneer.dev/adopt", "true");
        assertEquals(
                Set.of(WEB),
                decide(served(adopting, Fate.GOES), known).deletions().keySet());
    }

    @Test
    void oneThatIsDeletedAndDamagedIsStillTold() {
        LastKnown damaged =
                new LastKnown(List.of(), List.of(), null, Set.of(), Set.of(dev.veneer.node.model.ObjectRef.of(WEB)));
        DesiredState state = SourceRules.decide(served(web("u1", 2, ""), Fate.GOES), damaged, NODE, Permissions.NONE);
        assertEquals(Set.of(WEB), state.slivers().keySet());
        assertEquals(Set.of(), state.deletions().keySet());
    }

    /** Also one that another cluster, or files, declared. */
    @Test
    void whatNobodyDeclaresIsAnOrphanWhoeverDeclaredIt() {
        SliverRecord other = RecordBuilder.of(WEB).declared("cluster-b", "{}").build();
        assertEquals(Set.of(WEB), decide(read(null), other).orphans());
        assertEquals(Set.of(), decide(read("away"), other).orphans());
        // What is declared and held is no orphan.
        assertEquals(Set.of(), decide(read(null, web("u1", 1, "")), other).orphans());
    }

    private Reading served(JsonNode object, Fate fate) {
        return reader.read(List.of(new Served(object, fate, ClusterReader.identity(object))), null, null);
    }

    private Reading deleted(JsonNode object) {
        return reader.read(List.of(new Served(object, Fate.GOES, ClusterReader.identity(object))), null, null);
    }

    @Test
    void oneOfAnotherNodeIsNoneOfOurs() {
        ObjectNode other = web("u1", 1, "");
        other.withObject("/spec").put("nodeName", "node-2");
        assertEquals(Set.of(), decide(read(null, other)).slivers().keySet());
    }
}
