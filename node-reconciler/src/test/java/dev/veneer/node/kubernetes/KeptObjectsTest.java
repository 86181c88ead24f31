package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.desired.ClusterReader.Served;
import dev.veneer.node.desired.Fate;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.NamespaceTrust;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept of a cluster's objects, and what is made of it when it has been damaged. */
class KeptObjectsTest {
    private static final ObjectRef WEB = ObjectRef.of(new SliverId("default", "web"));
    private static final String SLIVER = "{'apiVersion':'veneer.dev/v1alpha1','kind':'Sliver','metadata':{'name':'web',"
            + "'namespace':'default','uid':'u','generation':3,'resourceVersion':'77','finalizers':['veneer.dev/node-data'],"
            + "'annotations':{'veneer.dev/requestedAt':'now','kubectl.kubernetes.io/last-applied-configuration':'{}'}},"
            + "'spec':{'nodeName':'n','baseImage':'debian','later':{'field':1}},'status':{'driver':'copy'}}";

    private static JsonNode tree(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static Served served(String text, NamespaceTrust trust) {
        JsonNode object = tree(text);
        return new Served(object, Fate.STAYS, ClusterReader.identity(object).in(null, trust));
    }

    @Test
    void whatIsDeclaredComesBackWithWhatIsNotKnown() {
        Map<ObjectRef, String> texts = new KeptObjects().of(List.of(served(SLIVER, NamespaceTrust.UNTRUSTED)));
        assertEquals(java.util.Set.of(WEB), texts.keySet());
        Served back = KeptObjects.read(texts).get(0);
        assertEquals(NamespaceTrust.UNTRUSTED, back.identity().trust());
        assertEquals(Fate.STAYS, back.fate());
        JsonNode object = back.json();
        assertEquals(1, object.at("/spec/later/field").asInt());
        assertEquals("u", object.at("/metadata/uid").asText());
        assertEquals(3, object.at("/metadata/generation").asLong());
        assertTrue(Handshake.isOurs(object));
        assertEquals(
                "{\"veneer.dev/requestedAt\":\"now\"}",
                object.at("/metadata/annotations").toString());
        assertFalse(object.has("status")
                || object.has("trust")
                || object.path("metadata").has("resourceVersion"));
    }

    @Test
    void whatChangesWithoutMeaningIsNotKeptAnew() {
        KeptObjects kept = new KeptObjects();
        Map<ObjectRef, String> first = kept.of(List.of(served(SLIVER, NamespaceTrust.TRUSTED)));
        assertSame(
                first,
                kept.of(List.of(
                        served(SLIVER.replace("77", "78").replace("copy", "overlay"), NamespaceTrust.TRUSTED))));
        assertNotSame(first, kept.of(List.of(served(SLIVER, NamespaceTrust.UNTRUSTED))));
        assertNotSame(first, kept.of(List.of()));
    }

    @Test
    void aDigestThatTheClusterAgreedOnIsKept() {
        String image = "{'apiVersion':'veneer.dev/v1alpha1','kind':'BaseImage','metadata':{'name':'debian'},'spec':{},"
                + "'status':{'digest':'sha256:x','bytes':5}}";
        Served back = KeptObjects.read(new KeptObjects().of(List.of(served(image, NamespaceTrust.TRUSTED))))
                .get(0);
        assertEquals("{\"digest\":\"sha256:x\"}", back.json().path("status").toString());
    }

    @Test
    void whichStoreAClusterKnowsIsKept() {
        String store = "{'apiVersion':'veneer.dev/v1alpha1','kind':'NodeStore','metadata':{'name':'n'},'spec':{},"
                + "'status':{'storeId':'s1','orphans':5}}";
        Served back = KeptObjects.read(new KeptObjects().of(List.of(served(store, NamespaceTrust.TRUSTED))))
                .get(0);
        assertEquals("{\"storeId\":\"s1\"}", back.json().path("status").toString());
    }

    @Test
    void whatIsKnownOfASliverAndItsNamespaceIsKept() {
        DeclaredIdentity known =
                new DeclaredIdentity("u", 3, DeclaredIdentity.Adoption.NONE, true, "n1", NamespaceTrust.UNTRUSTED);
        Map<ObjectRef, String> texts = new KeptObjects().of(List.of(new Served(tree(SLIVER), Fate.STAYS, known)));
        Served back = KeptObjects.read(texts).get(0);
        assertEquals(known, back.identity());
        assertFalse(back.json().has("made") || back.json().has("namespaceUid"));
        texts = Map.of(WEB, texts.get(WEB).replace("\"n1\"", "7").replace("true", "\"perhaps\""));
        assertFalse(KeptObjects.read(texts).get(0).identity().made());
    }

    @Test
    void whatIsDamagedIsLeftOut() {
        Map<ObjectRef, String> texts = new HashMap<>();
        String good = new KeptObjects()
                .of(List.of(served(SLIVER, NamespaceTrust.TRUSTED)))
                .get(WEB);
        int i = 0;
        for (String wrong : List.of(
                "",
                "{",
                "null",
                "[]",
                "3",
                "{}",
                good.substring(0, good.length() - 9),
                good.replace("\"web\"", "\"../web\""),
                good.replace("Sliver", "Pod"),
                good)) {
            texts.put(ObjectRef.of(new SliverId("default", "s" + i++)), wrong);
        }
        assertEquals(List.of(), KeptObjects.read(texts));
        texts.put(WEB, good.replace("TRUSTED", "BLESSED"));
        List<Served> read = KeptObjects.read(texts);
        assertEquals(1, read.size());
        assertEquals(NamespaceTrust.UNKNOWN, read.get(0).identity().trust());
    }

    @Test
    void whatMattersOfANamespaceIsAskedOnlyWhereItDoes() {
        assertFalse(Namespaces.matter(tree(SLIVER)));
        for (String reaching : List.of(
                "'rootfs':'/x'",
                "'lxc':{'config':['a = b']}",
                "'userNamespace':'Host'",
                "'content':{'archive':{'url':'file:///x'}}")) {
            assertTrue(Namespaces.matter(tree(SLIVER.replace("'later':{'field':1}", reaching))), reaching);
        }
        assertFalse(Namespaces.matter(tree(SLIVER.replace("'later':{'field':1}", "'lxc':{'config':[]}"))));
    }
}
