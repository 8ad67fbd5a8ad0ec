/** What typed clients of Kubernetes' own kinds send since 1.33. The library that reads it is loaded when the first one comes. */
export const KUBE_PROTOBUF = 'application/vnd.kubernetes.protobuf';
