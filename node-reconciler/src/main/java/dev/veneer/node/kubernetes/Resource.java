package dev.veneer.node.kubernetes;

import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/** A kind of ours as the API has it. */
enum Resource {
    SLIVER(ObjectRef.Kind.Sliver, "slivers"),
    BASE_IMAGE(ObjectRef.Kind.BaseImage, "baseimages"),
    NODE_STORE(ObjectRef.Kind.NodeStore, "nodestores");

    private static final String GROUP =
            ObjectValidator.API_VERSION.substring(0, ObjectValidator.API_VERSION.indexOf('/'));
    private static final String VERSION = ObjectValidator.API_VERSION.substring(GROUP.length() + 1);

    private final ObjectRef.Kind kind;
    private final String plural;

    Resource(ObjectRef.Kind kind, String plural) {
        this.kind = kind;
        this.plural = plural;
    }

    String kind() {
        return kind.name();
    }

    String plural() {
        return plural;
    }

    /** The path of its definition. */
    String definition() {
        return "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + plural + "." + GROUP;
    }

    /** The path of all objects of a cluster-scoped kind. */
    String path() {
        return "/apis/" + ObjectValidator.API_VERSION + "/" + plural;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(GROUP)
                .withVersion(VERSION)
                .withKind(kind.name())
                .withPlural(plural)
                .withNamespaced(kind == ObjectRef.Kind.Sliver)
                .build();
    }

    /** The path of an object. */
    static String path(ObjectRef ref) {
        if (ref.kind() == ObjectRef.Kind.Sliver) {
            SliverId id = SliverId.parse(ref.name());
            return "/apis/" + ObjectValidator.API_VERSION + "/namespaces/" + id.namespace() + "/slivers/" + id.name();
        }
        Resource resource = ref.kind() == ObjectRef.Kind.BaseImage ? BASE_IMAGE : NODE_STORE;
        return resource.path() + "/" + ref.name();
    }
}
