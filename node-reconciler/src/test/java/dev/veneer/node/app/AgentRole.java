package dev.veneer.node.app;

import dev.veneer.api.testkit.ControlPlane;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.client.utils.Serialization;

/** The rights that an agent needs, and no others: what docs/kubernetes.md lists. */
final class AgentRole {
    private static final String ROLE =
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: tests-veneer-agent}
            rules:
            - {apiGroups: [veneer.dev], resources: [slivers], verbs: [get, list, watch, patch]}
            - {apiGroups: [veneer.dev], resources: [slivers/status, nodestores/status], verbs: [patch]}
            - {apiGroups: [veneer.dev], resources: [baseimages], verbs: [get, list, watch]}
            - {apiGroups: [veneer.dev], resources: [nodestores], verbs: [get, list, watch, create]}
            - apiGroups: [apiextensions.k8s.io]
              resources: [customresourcedefinitions]
              resourceNames: [slivers.veneer.dev]
              verbs: [get]
            - {apiGroups: [""], resources: [namespaces], verbs: [get, list, watch]}
            - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update]}
            - {apiGroups: [events.k8s.io], resources: [events], verbs: [get, create, patch]}
            """;
    private static final String BINDING =
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: tests-veneer-agent}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tests-veneer-agent}
            subjects:
            - {kind: ServiceAccount, namespace: veneer-system, name: veneer-agent}
            """;

    private AgentRole() {}

    /** The token of an agent's pod on a node. */
    static String tokenFor(ControlPlane plane, String node) {
        apply(plane, Serialization.unmarshal(ROLE, ClusterRole.class));
        apply(plane, Serialization.unmarshal(BINDING, ClusterRoleBinding.class));
        return plane.identities().podToken("veneer-system", "veneer-agent", node);
    }

    /** Takes the right to read namespaces away, but for the one that says which cluster it is; until the next token. */
    static void withoutNamespaces(ControlPlane plane) {
        apply(
                plane,
                Serialization.unmarshal(
                        ROLE.replace(
                                "resources: [namespaces], verbs: [get, list, watch]",
                                "resources: [namespaces], resourceNames: [kube-system], verbs: [get]"),
                        ClusterRole.class));
    }

    private static void apply(ControlPlane plane, HasMetadata object) {
        plane.client().resource(object).fieldManager("tests").forceConflicts().serverSideApply();
    }
}
