// What a build of the integration leaves; GitBook runs it.
export default { events: {}, components: [] };
