package dev.veneer.api.testkit;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Makes those who use an API server: each is there afterwards, whether it was before or not. */
public final class Identities {
    private static final long HOUR = 3600;

    private final KubernetesClient client;

    Identities(KubernetesClient client) {
        this.client = client;
    }

    /** A namespace. */
    public void namespace(String name) {
        if (client.namespaces().withName(name).get() == null) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    /** A service account, which may do nothing yet. */
    public void serviceAccount(String namespace, String name) {
        namespace(namespace);
        if (client.serviceAccounts().inNamespace(namespace).withName(name).get() == null) {
            client.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    /** A token of a service account, bound to nothing. */
    public String token(String namespace, String account) {
        serviceAccount(namespace, account);
        return request(
                namespace,
                account,
                new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(HOUR)
                        .endSpec()
                        .build());
    }

    /** A token of a service account as a pod on a node gets it: it carries the node's name. */
    public String podToken(String namespace, String account, String node) {
        return podToken(namespace, account, node, account + "-on-" + node);
    }

    /** The same of a pod of a given name: as long as that is there, the token is good. */
    public String podToken(String namespace, String account, String node, String pod) {
        serviceAccount(namespace, account);
        node(node);
        if (client.pods().inNamespace(namespace).withName(pod).get() == null) {
            client.resource(new PodBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName(pod)
                            .endMetadata()
                            .withNewSpec()
                            .withServiceAccountName(account)
                            .withNodeName(node)
                            .addNewContainer()
                            .withName("main")
                            .withImage("none")
                            .endContainer()
                            .endSpec()
                            .build())
                    .create();
        }
        String uid = client.pods()
                .inNamespace(namespace)
                .withName(pod)
                .get()
                .getMetadata()
                .getUid();
        return boundToken(namespace, account, "Pod", pod, uid);
    }

    /** A token of a service account for a service of a node: it carries the node's name, and is good as long as that is there. */
    public String nodeToken(String namespace, String account, String node) {
        serviceAccount(namespace, account);
        return boundToken(namespace, account, "Node", node, node(node));
    }

    private String node(String name) {
        if (client.nodes().withName(name).get() == null) {
            client.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
        }
        return client.nodes().withName(name).get().getMetadata().getUid();
    }

    private String boundToken(String namespace, String account, String kind, String name, String uid) {
        return request(
                namespace,
                account,
                new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(HOUR)
                        .withNewBoundObjectRef()
                        .withApiVersion("v1")
                        .withKind(kind)
                        .withName(name)
                        .withUid(uid)
                        .endBoundObjectRef()
                        .endSpec()
                        .build());
    }

    private String request(String namespace, String account, TokenRequest request) {
        return client.serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .tokenRequest(request)
                .getStatus()
                .getToken();
    }
}
