import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED. Apostrophes are gone: "m’envoyer" is "menvoyer", "d’avis" is "davis".
const messages = '(?:textos?|sms|messages?(?: textes?)?|msgs?|avis|notifications?|alertes?|rappels?|courriels?)'
const fill = '(?: (?:de|des|d|les|vos|ces|tous|mes|mon|la|le|l|plus|recevoir|avoir|aucun|aucuns|jamais))*'
const stop = '(?:arretez?|arreter|cessez?|cesser|stop|stoppez?|stopper)'
const write = '(?:envoyer|ecrire|texter|contacter|deranger|spammer|achaler|harceler|solliciter|notifier|messager)'
const writes = '(?:envoyez|envoie|ecrivez|ecris|textez|texte|contactez|derangez|notifiez)'
const take = '(?:retirez|enlevez|supprimez|otez|effacez|rayez|sortez|radiez|enlever|retirer|supprimer|effacer)'
const list =
  '(?: (?:de|des|sur)(?: (?:la|votre|vos|cette|ces|toutes))* (?:listes?|systeme|base|dossiers?)(?: (?:denvois?|de diffusion|de textos))?)?'
const refused = `(?:${stop}|${stop} (?:de |d)?(?:(?:me|nous|m) ?)?${write}|plus|pu|fini|(?:je )?(?:(?:ne|n) )?(?:veux|souhaite|desire) (?:plus|pas|pu)|(?:ne )?(?:me|nous|m) ?${writes} (?:plus|pas))`

/** Kinds that patrons hear of by messages only. */
function kind(names: string): string {
  return `(?:${refused}|(?:(?:me|se|m) )?desabonne(?:r|z)(?: ?moi)?)${fill}(?: d?${messages})?${fill}(?: (?:sur|pour|concernant|a propos))?${fill} (?:d|l)?(?:${names})`
}
/** Kinds that are also things: these take "avis de". */
function thing(names: string): string {
  return `(?:${refused}|annule[rz])${fill} d?${messages}(?: (?:de|d|des|du|sur|pour|concernant))*${fill} (?:d|l)?(?:${names})`
}

export const fr: Language = {
  locale: 'fr',
  // AWS has ARRET in its default list.
  stop: [
    ...[
      'arret',
      'arreter',
      'arretez',
      'arrete',
      'fin',
      'annuler',
      'desabonner',
      'desabonnement',
      'desabonnez moi',
      'desinscription',
    ],
    ...['desinscrire', 'stopper', 'stoppez', 'cessez', 'resilier', 'terminer'],
  ],
  start: ['debut', 'commencer', 'reprendre', 'recommencer'],
  help: ['aide'],
  courtesy: [
    'svp|s il vous plait|sil vous plait|s il te plait|sil te plait|stp|merci|merci beaucoup|merci davance|bonjour|allo|salut',
    'immediatement|tout de suite|maintenant|desormais|bonne journee|desole|desolee',
  ],
  opening: [
    '(?:(?:cest|c|vous avez) )?(?:le |un )?mauvais numero|(?:(?:ce nest|cest|c) )?pas (?:le|mon) bon numero|erreur de numero',
    '(?:pas|je ne suis pas|je suis pas) interessee?',
  ],
  closing: ['a ce numero|plus jamais|jamais'],
  asking: [
    'pouvez vous|pourriez vous|peux tu|je (?:veux|souhaite|voudrais|desire|souhaiterais)|jaimerais|comment(?: (?:puis je|faire pour|on fait pour))?|veuillez|merci de|priere de',
  ],
  sentences: [
    `${stop} (?:de |d)?(?:(?:me|nous|m) ?)?${write}(?:${fill} ${messages})?`,
    `(?:ne )?(?:me|nous|m) ?${writes} (?:plus|pas|pu|jamais)(?: (?:rien|jamais|ca))*(?:${fill} d?${messages})?`,
    `ne (?:plus|pas|jamais) (?:(?:me|nous|m) ?)?${write}(?:${fill} d?${messages})?`,
    `(?:je )?(?:(?:ne|n) )?(?:veux|veut|souhaite|desire|voudrais) (?:plus|pas|pu|plu)${fill} d?${messages}`,
    `(?:plus|pu|plu|pas|assez|fini|aucun|plus aucun)${fill} d?${messages}`,
    `(?:${stop}|annulez?|annuler|desactivez?|desactiver|supprimez|enlevez)${fill} ${messages}`,
    `${take} ?moi${list}|(?:desabonnez|desinscrivez|desinscris|desabonne) ?moi(?: .{0,30})?`,
    `${take} (?:mon|ce) (?:numero|nom|cell|cellulaire|tel|telephone|portable)${list}`,
    `(?:(?:me|se|m) )?(?:desabonner|desinscrire)(?: (?:de tout|des? ${messages}|de vos ${messages}|de la liste|de votre liste))?`,
    'lachez ?moi(?: la paix)?|laissez ?moi tranquille',
  ],
  narrowed: [
    [kind('pubs?|publicites?|promos?|promotions?|offres|marketing'), 'promotional'],
    [kind('nouvelles|actualites'), 'news'],
    [kind('infolettres?|newsletters?|bulletins?'), 'newsletter'],
    [kind('evenements?|activites'), 'events'],
    [kind('sondages?'), 'surveys'],
    [thing('retards?|(?:livres|documents) en retard'), 'overdue'],
    [thing('reservations?|(?:livres|documents) reserves'), 'pickup'],
    [thing('echeances?|dates? de retour|retours?'), 'due'],
    [thing('frais|amendes?'), 'fines'],
  ],
  unless: ['n ?(?:arretez|arrete|annulez) pas', 'ne (?:cessez|cesse|stoppez|supprimez|desabonnez) pas', 'continuez'],
}
